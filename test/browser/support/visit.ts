import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type ConsoleMessage,
  type Page,
} from 'playwright-core';

/** Says of every violation what was refused and by which directive; Chromium's own line names only the first. */
const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  console.error('Content security policy: ' + violatedDirective + ' refused ' + blockedURI);
});`;

/** Answers of the API that are failures to the browser and none to us. */
export interface ExpectedFailure {
  readonly path: string | RegExp;
  /** HTTP status, or 'refused' where nobody listens. */
  readonly status: number | 'refused';
}

/** Whoever has no session yet is asked for one, and told so by a 401. */
const NO_SESSION: readonly ExpectedFailure[] = [
  { path: '/api/users/me', status: 401 },
  { path: '/auth/refresh', status: 401 },
];

/** One visitor: a browser profile of its own, whose every complaint is noted. */
export class Visit {
  private readonly complaints: string[] = [];
  private readonly answered: string[] = [];
  private readonly expected: ExpectedFailure[] = [...NO_SESSION];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
  ) {}

  static async start(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await browser.newContext({ baseURL: url, locale: 'en-US', timezoneId: 'UTC', ...options });
    context.setDefaultTimeout(15_000);
    await context.addInitScript(REPORT_VIOLATIONS);
    const page = await context.newPage();
    const visit = new Visit(context, page, url);
    context.on('console', (message) => visit.note(message));
    context.on('weberror', (error) => visit.complaints.push(`uncaught: ${error.error().message}`));
    context.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      const isLocal = !/^https?:$/.test(protocol) || ['localhost', '127.0.0.1'].includes(hostname);
      if (!isLocal && !visit.answered.includes(request.url()))
        visit.complaints.push(`left the machine: ${request.url()}`);
    });
    return visit;
  }

  /** From here on such a failure is part of the story. */
  expectFailure(path: ExpectedFailure['path'], status: ExpectedFailure['status']): void {
    this.expected.push({ path, status });
  }

  /** Answers a picture of another host from here, so that the browser need not leave the machine. */
  async answerFor(url: string, picture: Buffer): Promise<void> {
    this.answered.push(url);
    await this.context.route(url, (route) => route.fulfill({ contentType: 'image/png', body: picture }));
  }

  /** Closes the browser's profile; answers what went wrong in it, which must be nothing. */
  async end(): Promise<string[]> {
    await this.context.close();
    return this.complaints;
  }

  private note(message: ConsoleMessage): void {
    if (!['error', 'warning', 'assert'].includes(message.type())) return;
    const { url } = message.location();
    const text = message.text();
    const [, failure] =
      /^Failed to load resource: (?:the server responded with a status of (?=\d)|net::)(\w+)/.exec(text) ?? [];
    const status = failure === 'ERR_CONNECTION_REFUSED' ? 'refused' : Number(failure);
    const path = URL.canParse(url) ? new URL(url).pathname : '';
    const isOf = (known: ExpectedFailure) =>
      known.path instanceof RegExp ? known.path.test(path) : known.path === path;
    if (this.expected.some((known) => known.status === status && isOf(known))) return;
    this.complaints.push(`${message.type()}: ${text} (${url})`);
  }
}
