import pg from 'pg';

/** pg waits for ever unless told otherwise. Milliseconds. */
export const CONNECTION_TIMEOUT_MS = 5_000;

/** Work on one connection of its own. What breaks the connection fails the work, and not the process. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECTION_TIMEOUT_MS });
  const lost = new Promise<never>((_, reject) => client.on('error', reject));
  try {
    return await Promise.race([client.connect().then(() => work(client)), lost]);
  } finally {
    await client.end();
  }
}
