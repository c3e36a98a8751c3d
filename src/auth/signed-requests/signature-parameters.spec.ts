import { describe, expect, it } from '@jest/globals';
import { readSignature } from './signature-parameters.js';

const MAC = `:${Buffer.alloc(32, 7).toString('base64')}:`;
const GOOD = '("@method");created=1618884473;nonce="12345678";keyid="k"';

function parameters(changes: Record<string, string | undefined>): string {
  const all = { created: '1618884473', nonce: '"12345678"', keyid: '"k"', ...changes };
  const shown = Object.entries(all).filter(([, value]) => value !== undefined);
  return `("@method")${shown.map(([name, value]) => `;${name}=${value}`).join('')}`;
}

it('reads what a well-formed signature says', () => {
  const shown = readSignature([`sig1=${GOOD};expires=1618884500;alg="hmac-sha256";tag="any"`], [`sig1=${MAC}`]);
  expect(shown).toMatchObject({ keyId: 'k', nonce: '12345678', created: 1618884473, expires: 1618884500 });
  expect(shown.mac).toEqual(Buffer.alloc(32, 7));
});

describe('is refused', () => {
  const sig = `sig1=${MAC}`;
  it.each<[string, string[], string[]]>([
    ['Signature alone', [], [sig]],
    ['Signature-Input alone', [`sig1=${GOOD}`], []],
    ['both empty', [''], ['']],
    ['another label', [`sig2=${GOOD}`], [sig]],
    ['two signatures', [`sig1=${GOOD}, sig2=${GOOD}`], [`${sig}, sig2=${MAC}`]],
    ['two lines', [`sig1=${GOOD}`, `sig2=${GOOD}`], [sig, `sig2=${MAC}`]],
    ['one label twice', [`sig1=${GOOD}, sig1=${GOOD}`], [sig]],
    ['one label twice, the signature', [`sig1=${GOOD}`], [`${sig}, ${sig}`]],
    ['more members than one', [`sig1=${GOOD}, ("a")`], [sig]],
    ['hundreds of members', [Array.from({ length: 300 }, (_, at) => `s${at}=()`).join(', ')], [sig]],
    ['no list', ['sig1="@method"'], [sig]],
    ['nested lists', [`sig1=(("@method"));created=1;nonce="12345678";keyid="k"`], [sig]],
    ['deeply nested lists', [`sig1=${'('.repeat(5_000)}`], [sig]],
    ['an open string', [`sig1=("${'\\"'.repeat(5_000)}`], [sig]],
    [
      '33 components',
      [GOOD.replace('"@method"', Array.from({ length: 33 }, (_, n) => `"x-${n}"`).join(' '))].map((i) => `sig1=${i}`),
      [sig],
    ],
    ['a MAC of 31 bytes', [`sig1=${GOOD}`], [`sig1=:${Buffer.alloc(31).toString('base64')}:`]],
    ['a MAC of 33 bytes', [`sig1=${GOOD}`], [`sig1=:${Buffer.alloc(33).toString('base64')}:`]],
    ['a MAC that is text', [`sig1=${GOOD}`], [`sig1="${'a'.repeat(32)}"`]],
    ['a MAC that is a list', [`sig1=${GOOD}`], [`sig1=(${MAC})`]],
    ['a MAC that is no base64', [`sig1=${GOOD}`], ['sig1=:=a=:']],
    ...Object.entries({
      'no created': { created: undefined },
      'created as text': { created: '"1618884473"' },
      'created as a decimal': { created: '1618884473.5' },
      'created as a date': { created: '@1618884473' },
      'created beyond integers': { created: '1'.repeat(16) },
      'expires as text': { expires: '"1"' },
      'no nonce': { nonce: undefined },
      'a short nonce': { nonce: '"1234567"' },
      'a long nonce': { nonce: `"${'n'.repeat(129)}"` },
      'a binary nonce': { nonce: `:${Buffer.alloc(16).toString('base64')}:` },
      'a nonce as a token': { nonce: 'abcdefgh' },
      'a nonce beyond ASCII': { nonce: '"caf\u00e9caf\u00e9"' },
      'a nonce with a tab': { nonce: '"1234\t5678"' },
      'no keyid': { keyid: undefined },
      'an empty keyid': { keyid: '""' },
      'a long keyid': { keyid: `"${'k'.repeat(129)}"` },
      'a keyid as a number': { keyid: '1' },
      'another alg': { alg: '"hmac-sha512"' },
      'an alg as a token': { alg: 'hmac-sha256' },
    }).map(([what, changes]): [string, string[], string[]] => [what, [`sig1=${parameters(changes)}`], [sig]]),
  ])('%s', (_what, inputLines, signatureLines) => {
    expect(() => readSignature(inputLines, signatureLines)).toThrow(
      expect.objectContaining({ kind: 'unauthenticated', code: 'signature_invalid' }),
    );
  });
});
