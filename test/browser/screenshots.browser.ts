import { expect, it } from '@jest/globals';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { describeWithRealFile, REAL_ECB_FILE } from '../support/real-ecb-file.js';
import { ratesReady, startSite } from './support/site.js';
import { chartDrawn, chooseCountry, signInByDevelopmentPage } from './support/steps.js';
import { Visit } from './support/visit.js';

const IMAGES = join(import.meta.dirname, '..', '..', 'docs', 'images');
const MAX_BYTES = 250_000;

/** The pictures of the README, of the real page with real figures: SCREENSHOTS=1 npm run test:browser -- screenshots */
const pictures: Record<string, BrowserContextOptions & { viewport: { width: number; height: number } }> = {
  'chart-light.png': { viewport: { width: 1440, height: 1040 } },
  'chart-dark.png': { viewport: { width: 1440, height: 1040 }, colorScheme: 'dark' },
  'chart-phone.png': { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};

describeWithRealFile('pictures of the page', () => {
  it('are taken', async () => {
    await mkdir(IMAGES, { recursive: true });
    const site = await startSite({ ECB_HISTORY_URL: REAL_ECB_FILE });
    try {
      await ratesReady(site.url, '2026-04-13');
      for (const [file, options] of Object.entries(pictures)) await take(site.url, file, options);
    } finally {
      await site.stop();
    }
  }, 120_000);
});

async function take(url: string, file: string, options: BrowserContextOptions): Promise<void> {
  // A scale that is merely emulated leaves the chart's canvas coarse.
  const browser = await launchChromium([`--force-device-scale-factor=${options.deviceScaleFactor ?? 1}`]);
  const visit = await Visit.start(browser, url, options);
  const { page } = visit;
  await signInByDevelopmentPage(visit, 'picture@example.com', '/?asOf=2026-04-13');
  if (await page.getByRole('combobox').isVisible()) await chooseCountry(page, 'south korea');
  await chartDrawn(page);
  const path = join(IMAGES, file);
  await page.screenshot({ path, fullPage: true, animations: 'disabled' });
  expect((await stat(path)).size).toBeLessThan(MAX_BYTES);
  expect(await visit.end()).toEqual([]);
  await browser.close();
}
