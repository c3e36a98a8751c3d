import { existsSync } from 'node:fs';
import startDatabase from '../../support/global-setup.mjs';

/** Names the browser in CHROMIUM_PATH, for the tests to launch, then starts their database. */
export default async function globalSetup() {
  process.env.CHROMIUM_PATH ||= '/usr/bin/chromium';
  if (!existsSync(process.env.CHROMIUM_PATH)) {
    // Thrown, it would come with a page of stack.
    console.error(`No Chromium at ${process.env.CHROMIUM_PATH}: apt-get install chromium, or set CHROMIUM_PATH.`);
    process.exit(1);
  }
  await startDatabase();
}
