import { Injectable, Logger } from '@nestjs/common';
import { type ErrorRequestHandler, type Express, type RequestHandler, Router } from 'express';
import type { default as Provider, errors } from 'oidc-provider';
import { DataSource } from 'typeorm';
import { Config } from '../../platform/config/config.js';
import { isLoopback } from '../../platform/config/environment-reader.js';
import { Secrets } from '../../platform/config/secrets.js';
import type { OpenIdClient } from '../google/google-client.js';
import { Accounts } from './accounts.js';
import { chooserRoutes, ForeignForm, send, SignInNotOpen } from './chooser.routes.js';
import { messagePage, type Page } from './page.js';
import { providerAdapter } from './provider-adapter.js';
import { providerSettings } from './provider-settings.js';
import { Records } from './records.js';
import { signingKeys } from './signing-keys.js';

const PATH = '/dev-sign-in';
const CLIENT_ID = 'hackonomics-development';
const NAME_AND_PORT = /^(\[[\da-f:]+\]|[\w.-]+)(:\d+)?$/i;

/**
 * Signing in without a Google account: an OpenID provider of our own, in place of Google's, reached by the same code.
 * It exists where no Google client is configured, which the configuration allows on loopback outside production alone.
 */
@Injectable()
export class DevelopmentSignIn {
  private readonly logger = new Logger('development-sign-in');
  private readonly issuer: string;

  constructor(
    private readonly config: Config,
    private readonly secrets: Secrets,
    private readonly database: DataSource,
  ) {
    this.issuer = `${config.publicUrl}${PATH}`;
  }

  /**
   * What the Google sign-in is given in place of a Google client. The browser goes by PUBLIC_URL; we ourselves by the
   * address we listen at, since PUBLIC_URL's port may be mapped and mean nothing on this machine.
   */
  client(): OpenIdClient {
    const { host, port } = this.config;
    const backChannel = `http://${host.includes(':') ? `[${host}]` : host}:${port}${PATH}`;
    return {
      clientId: CLIENT_ID,
      clientSecret: this.secrets.derive('development-sign-in/client-secret').toString('base64url'),
      issuer: this.issuer,
      authorizationEndpoint: `${this.issuer}/auth`,
      tokenEndpoint: `${backChannel}/token`,
      jwksUri: `${backChannel}/jwks`,
    };
  }

  /**
   * Adds the provider to the application; a parser of forms must not come before it, nor an answer to unknown paths.
   * Does nothing where a Google client is configured.
   */
  async mount(app: Express): Promise<void> {
    if (this.config.google.kind !== 'development' || this.config.production) return;
    const records = new Records(this.database);
    await records.deleteExpired();
    const accounts = new Accounts(records);
    const provider = await this.provider(records, accounts);
    const origin = new URL(this.config.publicUrl).origin;
    const router = Router();
    router.use(this.loopbackOnly);
    router.use(chooserRoutes({ provider, accounts, origin, formTargets: [origin, ...this.config.corsOrigins] }));
    router.use(provider.callback());
    router.use(this.failed);
    app.use(PATH, router);
  }

  private async provider(records: Records, accounts: Accounts): Promise<Provider> {
    // Loaded here and nowhere else: production never has it in memory.
    const oidc = await import('oidc-provider');
    const { clientId, clientSecret } = this.client();
    const settings = providerSettings(
      {
        issuer: this.issuer,
        client: { clientId, clientSecret, redirectUri: `${this.config.publicUrl}/auth/google/callback` },
        cookieKey: this.secrets.derive('development-sign-in/cookies').toString('base64url'),
        accounts,
        adapter: providerAdapter(records, oidc.errors),
        jwks: await signingKeys(records),
        renderError: (ctx, _out, error) => {
          const page = this.messageFor(error.name === 'SessionNotFound' ? new SignInNotOpen() : error, ctx.status);
          ctx.set(page.headers);
          ctx.body = page.html;
        },
      },
      oidc,
    );
    const provider = new oidc.default(this.issuer, settings);
    // Its addresses are PUBLIC_URL's, not those that the Host header of a request suggests.
    provider.OIDCContext.prototype.urlFor = (name, options) => provider.urlFor(name, options);
    this.report(provider);
    return provider;
  }

  /** The provider's failures go to our log: the pages and answers do not tell a developer enough. */
  private report(provider: Provider): void {
    const failed = (error: unknown) => this.logger.error({ err: error }, 'the development sign-in failed');
    const refused = (error: errors.OIDCProviderError) => {
      if (error.error === 'access_denied') return;
      const detail = error.error_detail ?? error.error_description;
      this.logger.warn({ error: error.error, detail }, 'the development sign-in refused a request');
    };
    provider.onerror = failed;
    provider.on('server_error', (_ctx, error) => failed(error));
    provider.on('authorization.error', (_ctx, error) => refused(error));
    provider.on('grant.error', (_ctx, error) => refused(error));
  }

  /** A foreign name that resolves to this machine (DNS rebinding) would give its page the rights of our origin. */
  private readonly loopbackOnly: RequestHandler = (request, response, next) => {
    const { host = '' } = request.headers;
    if (NAME_AND_PORT.test(host) && isLoopback(`http://${host}`)) return next();
    send(response.status(403), this.message('Not reachable by this name', 'Open it at localhost.'));
  };

  /** Express would show the stack of the error. */
  private readonly failed: ErrorRequestHandler = (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = statusOf(error);
    if (status >= 500) this.logger.error({ err: error }, 'the development sign-in failed');
    send(response.status(status), this.messageFor(error, status));
  };

  private messageFor(error: unknown, status: number): Page {
    if (error instanceof SignInNotOpen) {
      return this.message(
        'This sign-in is no longer open',
        'It took too long, or it is complete already. Please begin again.',
      );
    }
    if (status >= 500)
      return this.message('Signing in did not work', 'Something went wrong on our side; the log says what.');
    return this.message('This request was refused', 'It is not one that a sign-in makes; the log says why.');
  }

  private message(heading: string, sentence: string): Page {
    return messagePage(heading, sentence, `${this.config.publicUrl}/`);
  }
}

function statusOf(error: unknown): number {
  if (error instanceof SignInNotOpen) return 400;
  if (error instanceof ForeignForm) return 403;
  const { status } = error as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
