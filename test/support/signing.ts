import { createHash, createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';

/** What `POST /api/hmac-clients` hands out, once. */
export interface SigningKey {
  readonly keyId: string;
  /** base64url of 32 bytes. */
  readonly secret: string;
}

export interface Signing {
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: Headers;
  /** Component identifiers as they stand in the signature: `"@method"`, `"@query-param";name="quote"`. */
  readonly cover?: readonly string[];
  /** Seconds since 1970. */
  readonly created?: number;
  readonly nonce?: string;
  /** More parameters, as text: `;alg="hmac-sha256"`. */
  readonly more?: string;
  readonly label?: string;
}

export type Headers = Readonly<Record<string, string | readonly string[]>>;

export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | Buffer | undefined;
}

/**
 * A client's side of RFC 9421, by string building alone: it shares nothing with the server's, so that the two check each
 * other. By default it covers what must be covered.
 */
export function signed({ keyId, secret }: SigningKey, url: string, signing: Signing = {}): SignedRequest {
  const {
    method = 'GET',
    body,
    created = Math.floor(Date.now() / 1000),
    nonce = randomUUID(),
    label = 'sig1',
  } = signing;
  const headers: Headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-digest': contentDigest(body) }),
    ...signing.headers,
  };
  const cover = signing.cover ?? ['"@method"', '"@target-uri"', ...(body === undefined ? [] : ['"content-digest"'])];
  const input = `(${cover.join(' ')});created=${created};nonce="${nonce}";keyid="${keyId}"${signing.more ?? ''}`;
  const lines = cover.map((identifier) => `${identifier}: ${valueOf(identifier, { method, url, headers })}`);
  const base = [...lines, `"@signature-params": ${input}`].join('\n');
  const mac = createHmac('sha256', Buffer.from(secret, 'base64url')).update(base, 'utf8').digest('base64');
  const shown = { 'signature-input': `${label}=${input}`, signature: `${label}=:${mac}:` };
  return { method, url, body, headers: { ...headers, ...shown } };
}

export function contentDigest(body: string | Buffer): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

function valueOf(
  identifier: string,
  { method, url, headers }: { method: string; url: string; headers: Headers },
): string {
  const { host, protocol, searchParams } = new URL(url);
  const target = targetOf(url);
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  const [, name = '', parameter] = /^"([^"]*)"(?:;name="([^"]*)")?$/.exec(identifier) ?? [];
  const derived: Record<string, string | undefined> = {
    '@method': method,
    '@target-uri': url,
    '@authority': host,
    '@scheme': protocol.replace(':', ''),
    '@request-target': target,
    '@path': path,
    '@query': `?${query}`,
    '@query-param': encodeURIComponent(searchParams.get(decodeURIComponent(parameter ?? '')) ?? ''),
  };
  return derived[name] ?? [headers[name] ?? ''].flat().join(', ');
}

/** Path and query, character by character. */
function targetOf(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('//') + 2));
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  /** Parsed JSON; `{text}` where it is none. */
  readonly body: Record<string, unknown>;
}

/** Sends a request as it stands: the path is not normalised, a list of values makes as many header lines. */
export function send({ method, url, headers, body }: SignedRequest, to = url, path = targetOf(url)): Promise<Answer> {
  const { hostname, port } = new URL(to);
  return new Promise((resolve, reject) => {
    const sent = request({ method, hostname, port, path }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject);
      answer.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = /json/.test(answer.headers['content-type'] ?? '');
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: (isJson && text !== '' ? JSON.parse(text) : { text }) as Answer['body'],
        });
      });
    });
    for (const [name, value] of Object.entries(headers)) sent.setHeader(name, value);
    // Node frames the body of a DELETE only where it is told its length.
    if (body !== undefined && headers['transfer-encoding'] === undefined)
      sent.setHeader('content-length', Buffer.byteLength(body));
    sent.once('error', reject).end(body);
  });
}

/** A client of whoever signs in with this access token, made as its owner would make it. */
export async function newClient(
  baseUrl: string,
  accessToken: string,
  client: { readonly name: string; readonly scopes: readonly string[]; readonly tier?: string },
): Promise<SigningKey> {
  const answer = await fetch(`${baseUrl}/api/hmac-clients`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(client),
  });
  if (answer.status !== 201) throw new Error(`the client was answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as SigningKey;
}
