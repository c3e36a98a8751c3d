import { type Person } from './google-people.js';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** The one host and port that set it: apart, as separate sites are, although they share an address here. */
  readonly origin: string;
  readonly attributes: readonly string[];
}

export interface SignInOptions {
  readonly returnTo?: string;
  /** For the callback; by default what a browser accepts, so that it gets cookies and a redirect. */
  readonly headers?: Readonly<Record<string, string>>;
}

type Headers = Readonly<Record<string, string>>;

const BROWSER_HEADERS = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'user-agent': 'TestBrowser/1.0' };

/** A small HTTP client for tests: it keeps cookies and shows every redirect instead of following it. */
export class TestBrowser {
  readonly baseUrl: string;
  private cookies: Cookie[] = [];

  constructor(baseUrl: string) {
    this.baseUrl = new URL(baseUrl).origin;
  }

  get(path: string, headers: Headers = {}): Promise<Response> {
    return this.request('GET', path, { headers });
  }

  post(path: string, body?: unknown, headers: Headers = {}): Promise<Response> {
    return this.request('POST', path, { body, headers });
  }

  patch(path: string, body?: unknown, headers: Headers = {}): Promise<Response> {
    return this.request('PATCH', path, { body, headers });
  }

  delete(path: string, headers: Headers = {}): Promise<Response> {
    return this.request('DELETE', path, { headers });
  }

  /**
   * A path or an absolute URL. Objects go as JSON. Unsafe methods bear the `Origin` of the base address as a page of it
   * would send it; `origin: ''` leaves it away.
   */
  async request(
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Headers } = {},
  ): Promise<Response> {
    const url = new URL(path, this.baseUrl);
    const all = new Headers(BROWSER_HEADERS);
    if (method !== 'GET' && method !== 'HEAD') all.set('origin', this.baseUrl);
    if (body !== undefined) all.set('content-type', 'application/json');
    for (const [name, value] of Object.entries(headers)) {
      if (value === '') all.delete(name);
      else all.set(name, value);
    }
    const cookie = this.cookieHeader(url);
    if (cookie !== '' && !all.has('cookie')) all.set('cookie', cookie);
    const response = await fetch(url, {
      method,
      headers: all,
      redirect: 'manual',
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) this.keep(line, url);
    return response;
  }

  /** One step along a redirect, as GET. */
  async follow(response: Response, headers: Headers = {}): Promise<Response> {
    const next = locationOf(response);
    await response.body?.cancel();
    return this.get(next.href, headers);
  }

  /**
   * Signs the person in: our login, the stand-in (told who comes by `person`), our callback, whose answer is returned.
   * A refusal on the way (an answer that is no redirect) is returned as it is.
   */
  async signIn(
    person: Partial<Person> & { sub: string },
    { returnTo, headers = {} }: SignInOptions = {},
  ): Promise<Response> {
    const query = returnTo === undefined ? '' : `?returnTo=${encodeURIComponent(returnTo)}`;
    const login = await this.get(`/auth/google/login${query}`);
    if (!isRedirect(login)) return login;
    const authorize = locationOf(login);
    authorize.searchParams.set('person', JSON.stringify(person));
    await login.body?.cancel();
    const back = await this.get(authorize.href);
    return isRedirect(back) ? this.follow(back, headers) : back;
  }

  /** Value of a cookie that the base address has set. */
  cookie(name: string): string | undefined {
    return this.find(name)?.value;
  }

  /** Its attributes as written (`HttpOnly`, `SameSite=Lax`, …). */
  cookieAttributes(name: string): readonly string[] | undefined {
    return this.find(name)?.attributes;
  }

  cookieNames(): string[] {
    return this.cookies.filter(({ origin }) => origin === this.baseUrl).map(({ name }) => name);
  }

  setCookie(name: string, value: string): void {
    this.keep(`${name}=${value}; Path=/`, new URL(this.baseUrl));
  }

  clearCookies(): void {
    this.cookies = [];
  }

  private find(name: string): Cookie | undefined {
    return this.cookies.find((cookie) => cookie.name === name && cookie.origin === this.baseUrl);
  }

  private cookieHeader(url: URL): string {
    return this.cookies
      .filter(({ origin, path }) => origin === url.origin && isUnder(path, url.pathname))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  private keep(line: string, url: URL): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const path = attributeOf(attributes, 'path') ?? url.pathname.replace(/\/[^/]*$/, '');
    this.cookies = this.cookies.filter(
      (cookie) => cookie.name !== name || cookie.origin !== url.origin || cookie.path !== (path || '/'),
    );
    if (isGone(attributes)) return;
    this.cookies.push({
      name,
      value: pair.slice(pair.indexOf('=') + 1),
      path: path || '/',
      origin: url.origin,
      attributes,
    });
  }
}

function isUnder(path: string, requested: string): boolean {
  return path === '/' || requested === path || requested.startsWith(path.endsWith('/') ? path : `${path}/`);
}

/** A Max-Age of nothing, or else an Expires in the past, takes a cookie away. */
function isGone(attributes: readonly string[]): boolean {
  const age = attributeOf(attributes, 'max-age');
  const expires = attributeOf(attributes, 'expires');
  if (age !== undefined) return Number(age) <= 0;
  return expires !== undefined && Date.parse(expires) <= Date.now();
}

function attributeOf(attributes: readonly string[], name: string): string | undefined {
  const found = attributes.find((attribute) => attribute.toLowerCase().startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

function isRedirect(response: Response): boolean {
  return response.status >= 300 && response.status < 400 && response.headers.has('location');
}

function locationOf(response: Response): URL {
  const location = response.headers.get('location');
  if (location === null) throw new Error(`no Location in an answer ${response.status} of ${response.url}`);
  return new URL(location, response.url);
}
