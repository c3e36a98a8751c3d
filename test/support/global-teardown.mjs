import { rm } from 'node:fs/promises';

export default async function globalTeardown() {
  const { database, dataDir } = globalThis.__testDatabase;
  await database.stop();
  await rm(dataDir, { recursive: true, force: true });
}
