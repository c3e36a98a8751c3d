import { StartFailed } from '../start-failed.js';
import { withClient } from './connection.js';

const OLDEST_MAJOR = 14;

/** Throws StartFailed, with a line that names `variable` and never its value, unless a usable PostgreSQL answers. */
export async function checkDatabase(url: string, variable: string): Promise<void> {
  try {
    await withClient(url, async (client) => {
      const { rows } = await client.query<{ major: number }>(
        `SELECT current_setting('server_version_num')::int / 10000 AS major`,
      );
      const major = rows[0]?.major ?? 0;
      if (major < OLDEST_MAJOR) {
        throw new StartFailed(
          `The database of ${variable} is PostgreSQL ${major}: ${OLDEST_MAJOR} or newer is needed.`,
        );
      }
    });
  } catch (error) {
    throw databaseUnusable(error, variable) ?? error;
  }
}

/** By SQLSTATE, or by the system's or OpenSSL's word. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it broke the connection off',
  EPIPE: 'it broke the connection off',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its host cannot be reached',
  ENOTFOUND: 'its host is not known',
  EAI_AGAIN: 'its host is not known',
  ENOENT: 'nothing listens there',
  EACCES: 'this user may not connect there',
  '28P01': 'it refuses this user or password',
  '28000': 'it refuses this user or password',
  '3D000': 'there is no such database',
  '42501': 'this user may not create tables there',
  '25006': 'it is read-only: a standby, or set so',
  '53300': 'it has no connection left',
  '57P01': 'it is being stopped',
  '57P03': 'it is starting or stopping',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

/** pg gives no code for these. */
const REASONS_BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/timeout/i, 'it does not answer'],
  [/terminated unexpectedly/i, 'it broke the connection off, as if it were no PostgreSQL'],
  [/does not support SSL/i, 'it does not offer SSL, which the URL asks for'],
  [/password must be a string/i, 'it asks for a password, and the URL has none'],
];

/** The line for the operator, where the error is one of reaching the database; its own message may repeat the URL. */
export function databaseUnusable(error: unknown, variable: string): StartFailed | undefined {
  // Several addresses of one host, all of which failed: each says why.
  const [single = error] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  const { code, message } = single as { code?: unknown; message?: unknown };
  const reason = REASONS[String(code)] ?? REASONS_BY_MESSAGE.find(([pattern]) => pattern.test(String(message)))?.[1];
  if (reason === undefined || error instanceof StartFailed) return undefined;
  return new StartFailed(`The database of ${variable} cannot be used: ${reason}.`, { cause: error });
}
