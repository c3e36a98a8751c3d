/** What the process was told to be: read once at start, injected typed, never read from `process.env` elsewhere. */
export class Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Absolute, without a trailing slash: redirects, cookies and signatures are built from it. */
  readonly publicUrl: string;
  /** Undefined: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly databaseDirectUrl: string | undefined;
  readonly dataDir: string;
  /** True where DATA_DIR was named by the operator: then no other folder is ever chosen in its place. */
  readonly dataDirExplicit: boolean;
  readonly google: GoogleSettings;
  readonly frankfurterUrl: string;
  readonly ecbHistoryUrl: string;
  /** Names of rate providers in order of preference. */
  readonly rateProviders: readonly string[];
  /** PEM text as configured; undefined: generated into `dataDir`. */
  readonly jwtPrivateKey: string | undefined;
  readonly sessionSecret: string | undefined;
  readonly role: Role;
  readonly webConcurrency: number;
  /** 0: off. */
  readonly metricsPort: number;
  readonly gatewayConfig: string | undefined;
  readonly corsOrigins: readonly string[];
  /** Proxies in front, counted from the right of X-Forwarded-For. */
  readonly trustProxy: number;
  /** Lower case. */
  readonly adminEmails: readonly string[];
  readonly rateLimitScale: number;
  readonly redisUrl: string | undefined;
  readonly logLevel: LogLevel;

  constructor(values: { [K in keyof Config]: Config[K] }) {
    Object.assign(this, values);
  }
}

export const ROLES = ['all', 'api', 'worker', 'migrate'] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type GoogleSettings =
  | { readonly kind: 'google'; readonly clientId: string; readonly clientSecret: string; readonly issuer: string }
  /** No Google account needed: the built-in provider on loopback. */
  | { readonly kind: 'development' };
