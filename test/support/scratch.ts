import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../libs/embedded-postgres/spec-support.js';
import { freePort } from './test-app.js';

/** What a server process of a spec is told: a port and a folder of its own, few rates from a file, no network. */
export interface Scratch {
  readonly folder: string;
  readonly dataDir: string;
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

const RATES = 'Date,USD,JPY,\n2026-04-13,1.1725,186.42,\n2026-04-10,1.1686,186.11,\n';

export async function scratch(): Promise<Scratch> {
  const { path: folder, remove } = temporaryFolder();
  writeFileSync(join(folder, 'rates.csv'), RATES, { mode: 0o644 });
  const port = await freePort();
  const dataDir = join(folder, 'data');
  const env = {
    DATA_DIR: dataDir,
    PORT: String(port),
    METRICS_PORT: '0',
    RATE_PROVIDERS: 'ecb',
    ECB_HISTORY_URL: join(folder, 'rates.csv'),
  };
  return { folder, dataDir, url: `http://127.0.0.1:${port}`, env, remove };
}
