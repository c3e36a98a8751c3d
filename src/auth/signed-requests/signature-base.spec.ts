import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type InnerList, isInnerList, parseList } from 'structured-headers';
import { signatureBase } from './signature-base.js';
import type { SignedMessage } from './signed-message.js';

function input(text: string): InnerList {
  const [member] = parseList(text);
  if (member === undefined || !isInnerList(member)) throw new Error('no list of components');
  return member;
}

function message(method: string, targetUri: string, fields: Record<string, string[]> = {}): SignedMessage {
  return { method, targetUri, field: (name) => fields[name] ?? [] };
}

/** The lines before the parameters. */
function linesOf(components: string, of: SignedMessage): string[] {
  return signatureBase(input(`(${components})`), of)
    .split('\n')
    .slice(0, -1);
}

describe('the examples of RFC 9421', () => {
  it('appendix B.2.5: hmac-sha256 with the shared secret of B.1.5', () => {
    const base = signatureBase(
      input('("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'),
      message('POST', 'https://example.com/foo?param=Value&Pet=dog', {
        date: ['Tue, 20 Apr 2021 02:07:55 GMT'],
        'content-type': ['application/json'],
      }),
    );
    expect(base.split('\n')).toEqual([
      '"date": Tue, 20 Apr 2021 02:07:55 GMT',
      '"@authority": example.com',
      '"content-type": application/json',
      '"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    ]);
    const secret = 'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==';
    const mac = createHmac('sha256', Buffer.from(secret, 'base64')).update(base).digest('base64');
    expect(mac).toBe('pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=');
  });

  it('section 2.1: header fields', () => {
    const fields = {
      'x-ows-header': ['  Leading and trailing whitespace.   '],
      'cache-control': ['max-age=60', '   must-revalidate'],
      'example-dict': [' a=1,    b=2;x=1;y=2,   c=(a   b   c)'],
      'x-empty-header': [''],
    };
    const names = '"x-ows-header" "cache-control" "example-dict" "x-empty-header"';
    expect(linesOf(names, message('GET', 'https://www.example.com/', fields))).toEqual([
      '"x-ows-header": Leading and trailing whitespace.',
      '"cache-control": max-age=60, must-revalidate',
      '"example-dict": a=1,    b=2;x=1;y=2,   c=(a   b   c)',
      '"x-empty-header": ',
    ]);
  });

  it.each([
    ['"@method"', 'https://www.example.com/path?param=value', 'POST'],
    ['"@target-uri"', 'https://www.example.com/path?param=value', 'https://www.example.com/path?param=value'],
    ['"@authority"', 'https://www.example.com/path?param=value', 'www.example.com'],
    ['"@scheme"', 'http://www.example.com/path?param=value', 'http'],
    ['"@request-target"', 'https://www.example.com/path?param=value', '/path?param=value'],
    ['"@path"', 'https://www.example.com/path?param=value', '/path'],
    [
      '"@query"',
      'https://www.example.com/path?param=value&foo=bar&baz=bat%2Dman',
      '?param=value&foo=bar&baz=bat%2Dman',
    ],
    ['"@query"', 'https://www.example.com/path?queryString', '?queryString'],
    ['"@query"', 'https://www.example.com/path', '?'],
    ['"@query"', 'https://www.example.com/path?', '?'],
    ['"@query-param";name="baz"', 'https://www.example.com/path?param=value&foo=bar&baz=batman&qux=', 'batman'],
    ['"@query-param";name="qux"', 'https://www.example.com/path?param=value&foo=bar&baz=batman&qux=', ''],
    [
      '"@query-param";name="var"',
      'https://www.example.com/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace',
      'this%20is%20a%20big%0Amultiline%20value',
    ],
    [
      '"@query-param";name="bar"',
      'https://www.example.com/parameters?var=1&bar=with+plus+whitespace',
      'with%20plus%20whitespace',
    ],
    [
      '"@query-param";name="fa%C3%A7ade%22%3A%20"',
      'https://www.example.com/parameters?fa%C3%A7ade%22%3A%20=something',
      'something',
    ],
  ])('section 2.2: %s of %s', (component, uri, value) => {
    expect(linesOf(component, message('POST', uri))).toEqual([`${component}: ${value}`]);
  });
});

it('the port belongs to the authority, a question mark in the query to the query', () => {
  const lines = linesOf('"@authority" "@path" "@query"', message('GET', 'http://[::1]:3000/a//b?c=?&d'));
  expect(lines).toEqual(['"@authority": [::1]:3000', '"@path": /a//b', '"@query": ?c=?&d']);
});

describe('is refused', () => {
  const uri = 'https://www.example.com/path?a=1&a=2&b=3';
  const fields = { 'x-a': ['1'], 'x-lines': ['one\n"@method": GET'], 'x-high': ['caf\u00e9'] };
  it.each([
    ['a component twice', '"@method" "@method"'],
    ['a query parameter twice', '"@query-param";name="b" "@query-param";name="b"'],
    ['a header field that is not there', '"x-b"'],
    ['a header field in upper case', '"X-A"'],
    ['a field name that is none', '"x a"'],
    ['an empty name', '""'],
    ['a token instead of a string', 'x-a'],
    ['a number', '1'],
    ['a status', '"@status"'],
    ['the parameters themselves', '"@signature-params"'],
    ['an unknown derived component', '"@host"'],
    ['a query parameter that occurs twice', '"@query-param";name="a"'],
    ['a query parameter that is not there', '"@query-param";name="c"'],
    ['a query parameter without name', '"@query-param"'],
    ['a query parameter with a name that is no text', '"@query-param";name=1'],
    ['a query parameter with more', '"@query-param";name="b";req'],
    ['a value with a line break', '"x-lines"'],
    ['a value that is not ASCII', '"x-high"'],
    ...['sf', 'key="a"', 'bs', 'req', 'tr'].map((parameter): [string, string] => [parameter, `"x-a";${parameter}`]),
    ['a method of a request', '"@method";req'],
  ])('%s', (_what, components) => {
    expect(() => linesOf(components, message('GET', uri, fields))).toThrow(
      expect.objectContaining({ kind: 'unauthenticated', code: 'signature_invalid' }),
    );
  });
});
