import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from '@jest/globals';
import { signedRequestsServer, ClientsInMemory } from '../../../test/support/signed-requests-server.js';
import { SettableClock } from '../../../test/support/settable-clock.js';
import { send, signed, type SignedRequest } from '../../../test/support/signing.js';

let page: string;
beforeAll(async () => {
  page = await readFile('docs/signing-requests.md', 'utf8');
});

const block = (language: string) => new RegExp(`\`\`\`${language}\\n(.*?)\\n\`\`\``, 's').exec(page)?.[1] ?? '';
const value = (name: string) => new RegExp(`^\\| ${name} +\\| \`(.*?)\` +\\|$`, 'm').exec(page)?.[1] ?? '';

interface Example {
  readonly key: { keyId: string; secret: string };
  readonly url: string;
  readonly body: string;
  readonly created: number;
  readonly nonce: string;
}

function example(): Example {
  const key = { keyId: value('`keyId`'), secret: value('`secret`') };
  const created = Number(value('`created`'));
  return { key, url: value('address'), body: value('body'), created, nonce: value('`nonce`') };
}

const asText = (headers: SignedRequest['headers']) =>
  Object.entries(headers).map(([name, text]) => `${name.toLowerCase()}: ${String(text)}`);
const printed = () =>
  block('http')
    .split('\n')
    .map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));

it('the worked example is what another client makes of its values, and counts', async () => {
  const { key, url, ...rest } = example();
  const request = signed(key, url, { method: 'POST', ...rest });
  expect(asText(request.headers).sort()).toEqual(printed().sort());
  const [, digest, input] = ['content-type', 'content-digest', 'signature-input'].map((name) => request.headers[name]);
  expect(block('text').split('\n')).toEqual([
    '"@method": POST',
    `"@target-uri": ${url}`,
    `"content-digest": ${String(digest)}`,
    `"@signature-params": ${String(input).replace('sig1=', '')}`,
  ]);

  const clients = new ClientsInMemory();
  clients.add(key);
  const clock = new SettableClock(new Date(rest.created * 1000).toISOString());
  const nonces = { use: () => Promise.resolve(true) };
  const server = await signedRequestsServer({ publicUrl: new URL(url).origin, clock, clients, nonces });
  expect(await send(request, server.url)).toMatchObject({ status: 200, body: { body: JSON.parse(rest.body) } });
  await server.close();
});

it('the snippet for Node makes the same headers', async () => {
  const { key, url, body, created, nonce } = example();
  const folder = await mkdtemp(join(tmpdir(), 'hackonomics-snippet-'));
  try {
    const call = [key, 'POST', url, body, created, nonce].map((argument) => JSON.stringify(argument)).join(', ');
    await writeFile(join(folder, 'snippet.mjs'), `${block('js')}\nconsole.log(JSON.stringify(sign(${call})));`);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'snippet.mjs')], { timeout: 10_000 });
    expect(asText(JSON.parse(stdout) as SignedRequest['headers'])).toEqual(printed());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
