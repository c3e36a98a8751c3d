/** One variable of the environment is wrong. The message is for the operator: it names the variable, never its value. */
export class InvalidEnvironment extends Error {
  constructor(
    readonly variable: string,
    problem: string,
  ) {
    super(`${variable} ${problem}.`);
    this.name = 'InvalidEnvironment';
  }
}

/** Reads single variables and says plainly what is wrong with them. An empty variable counts as unset. */
export class EnvironmentReader {
  constructor(private readonly env: Readonly<Record<string, string | undefined>>) {}

  text(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === '' ? undefined : value;
  }

  list(name: string): string[] {
    return (this.text(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const found = allowed.find((item) => item === value);
    if (found === undefined) throw new InvalidEnvironment(name, `must be one of ${allowed.join(', ')}`);
    return found;
  }

  listOf(name: string, allowed: readonly string[], fallback: readonly string[]): readonly string[] {
    const items = this.list(name).map((item) => item.toLowerCase());
    if (items.length === 0) return fallback;
    if (items.some((item) => !allowed.includes(item)) || new Set(items).size !== items.length) {
      throw new InvalidEnvironment(name, `must list some of ${allowed.join(', ')}, separated by commas, each once`);
    }
    return items;
  }

  number(name: string, fallback: number, range: { min: number; max: number }): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (!/^\d+(\.\d+)?$/.test(value) || number < range.min || number > range.max) {
      throw new InvalidEnvironment(name, `must be a number from ${range.min} to ${range.max}`);
    }
    return number;
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const number = this.number(name, fallback, range);
    if (!Number.isInteger(number)) {
      throw new InvalidEnvironment(name, `must be a whole number from ${range.min} to ${range.max}`);
    }
    return number;
  }

  url(name: string, protocols: readonly string[]): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!protocols.includes(parseUrl(value)?.protocol ?? '')) {
      throw new InvalidEnvironment(
        name,
        `must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
      );
    }
    return value;
  }

  postgresUrl(name: string): string | undefined {
    const value = this.url(name, ['postgres:', 'postgresql:']);
    if (value !== undefined && !canDecode(value)) {
      throw new InvalidEnvironment(name, 'has a % that begins no escape: write % as %25');
    }
    return value;
  }

  /** An http(s) URL, without trailing slash, query or fragment. */
  baseUrl(name: string, fallback: string, rules: { httpsUnlessLoopback?: boolean } = {}): string {
    const value = this.url(name, ['http:', 'https:']) ?? fallback;
    const url = new URL(value);
    if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
      throw new InvalidEnvironment(name, 'must be a plain base URL, without query, fragment or credentials');
    }
    if (rules.httpsUnlessLoopback === true && url.protocol !== 'https:' && !isLoopback(value)) {
      throw new InvalidEnvironment(name, 'must begin with https:// in production');
    }
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  }

  urlOrPath(name: string, fallback: string): string {
    const value = this.text(name) ?? fallback;
    const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(value)?.[1]?.toLowerCase();
    if (scheme === undefined) return value;
    const url = parseUrl(value);
    const hostFits = scheme === 'file' ? url?.host === '' : url?.host !== '';
    if (!['http', 'https', 'file'].includes(scheme) || url === undefined || !hostFits) {
      throw new InvalidEnvironment(name, 'must be an http(s): or file: URL, or the path of a local file');
    }
    return value;
  }

  /** E-mail addresses, in lower case. */
  addresses(name: string): readonly string[] {
    const items = this.list(name).map((item) => item.toLowerCase());
    if (items.some((item) => !/^[^@\s]+@[^@\s]+$/.test(item))) {
      throw new InvalidEnvironment(name, 'must list e-mail addresses, separated by commas');
    }
    return items;
  }

  /** Exact origins: scheme, host and port, nothing behind. */
  origins(name: string): readonly string[] {
    const items = this.list(name);
    for (const item of items) {
      const url = parseUrl(item);
      if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== item.replace(/\/$/, '')) {
        throw new InvalidEnvironment(
          name,
          'must list exact origins such as https://app.example.com, separated by commas',
        );
      }
    }
    return items.map((item) => item.replace(/\/$/, ''));
  }
}

/** Whether a host name, address or URL stays on this machine. */
export function isLoopback(hostOrUrl: string): boolean {
  const host = (parseUrl(hostOrUrl)?.hostname || hostOrUrl).replace(/^\[|\]$/g, '').toLowerCase();
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    // URIError, which has nothing more to say.
    return false;
  }
}
