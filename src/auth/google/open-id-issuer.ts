import { Injectable } from '@nestjs/common';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { UpstreamClient } from '../../../libs/upstream/upstream-client.js';
import { Config } from '../../platform/config/config.js';
import { UpstreamFailed } from '../../platform/errors/errors.js';
import { Clock } from '../../platform/time/clock.js';
import { DevelopmentSignIn } from '../development-sign-in/development-sign-in.js';
import type { OpenIdClient } from './google-client.js';

const GOOGLE = 'https://accounts.google.com';
/** Metadata, code exchange (4.5 s) and keys may all be needed in one callback, which ends within 10 s. */
const DOCUMENT_DEADLINE_MS = 2_500;
const MAX_DOCUMENT_BYTES = 256 * 1024;
const METADATA_LIFE_MS = 3_600_000;
const KEYS_LIFE_MS = 3_600_000;
/** An unknown key id makes us look again, but not more often than this. */
const KEYS_RETRY_MS = 30_000;

/** Knows the issuer's addresses and keys; fetches both once, in the background of nobody's transaction, and keeps them. */
@Injectable()
export class OpenIdIssuer {
  private discovered: Cached<OpenIdClient> | undefined;
  private keySet: Cached<JWTVerifyGetKey> | undefined;

  constructor(
    private readonly config: Config,
    private readonly upstream: UpstreamClient,
    private readonly development: DevelopmentSignIn,
    private readonly clock: Clock,
  ) {}

  /** Endpoints and credentials; an issuer other than Google's is asked for its metadata at the first sign-in. */
  async client(): Promise<OpenIdClient> {
    const { google } = this.config;
    if (google.kind === 'development') return this.development.client();
    if (google.issuer === GOOGLE) return { ...google, ...GOOGLE_ENDPOINTS };
    if (this.discovered === undefined || this.age(this.discovered) > METADATA_LIFE_MS) {
      const discovered = { at: this.now(), value: this.discover(google) };
      this.discovered = discovered;
      discovered.value.catch(() => {
        if (this.discovered === discovered) this.discovered = undefined;
      });
    }
    return this.discovered.value;
  }

  /** Key look-up for the verification of ID tokens. */
  readonly keys: JWTVerifyGetKey = async (header, token) => {
    try {
      return await (
        await this.loadedKeys(KEYS_LIFE_MS)
      )(header, token);
    } catch (error) {
      // Google has rotated its keys, perhaps: look again, unless we just did.
      if ((error as { code?: string }).code !== 'ERR_JWKS_NO_MATCHING_KEY') throw error;
      return (await this.loadedKeys(KEYS_RETRY_MS))(header, token);
    }
  };

  private async loadedKeys(maxAgeMs: number): Promise<JWTVerifyGetKey> {
    if (this.keySet === undefined || this.age(this.keySet) > maxAgeMs) {
      const keySet = { at: this.now(), value: this.fetchKeys() };
      this.keySet = keySet;
      keySet.value.catch(() => {
        if (this.keySet === keySet) this.keySet = undefined;
      });
    }
    return this.keySet.value;
  }

  private async fetchKeys(): Promise<JWTVerifyGetKey> {
    const { jwksUri } = await this.client();
    const { body } = await this.upstream.json<JSONWebKeySet>({ ...CALL, url: jwksUri });
    return createLocalJWKSet(body);
  }

  private async discover(google: { clientId: string; clientSecret: string; issuer: string }): Promise<OpenIdClient> {
    const url = `${google.issuer}/.well-known/openid-configuration`;
    const { body } = await this.upstream.json<Record<string, unknown> | null>({ ...CALL, url });
    if (body?.issuer !== google.issuer) {
      throw new UpstreamFailed('issuer_mismatch', { cause: new Error('the discovery document names another issuer') });
    }
    return {
      ...google,
      authorizationEndpoint: endpoint(body, 'authorization_endpoint'),
      tokenEndpoint: endpoint(body, 'token_endpoint'),
      jwksUri: endpoint(body, 'jwks_uri'),
    };
  }

  private now(): number {
    return this.clock.now().getTime();
  }

  private age({ at }: { at: number }): number {
    return this.now() - at;
  }
}

interface Cached<T> {
  readonly at: number;
  readonly value: Promise<T>;
}

const CALL = { upstream: 'google', deadlineMs: DOCUMENT_DEADLINE_MS, maxBytes: MAX_DOCUMENT_BYTES };

/** Source: https://accounts.google.com/.well-known/openid-configuration; stable, so nobody waits for it. */
const GOOGLE_ENDPOINTS = {
  authorizationEndpoint: 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenEndpoint: 'https://oauth2.googleapis.com/token',
  jwksUri: 'https://www.googleapis.com/oauth2/v3/certs',
};

/** An http(s) URL; https where the issuer itself is, so that the client secret never leaves in the clear. */
function endpoint(metadata: Record<string, unknown>, name: string): string {
  const value = metadata[name];
  const protocol = typeof value === 'string' ? URL.parse(value)?.protocol : undefined;
  const secure = protocol === 'https:' || (protocol === 'http:' && String(metadata.issuer).startsWith('http:'));
  if (typeof value !== 'string' || !secure) {
    throw new UpstreamFailed('issuer_malformed', { cause: new Error(`the discovery document has no usable ${name}`) });
  }
  return value;
}
