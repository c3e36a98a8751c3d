import { expect, it } from '@jest/globals';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { describeWithRealFile, REAL_ECB_FILE } from '../support/real-ecb-file.js';
import { ratesReady, startSite } from './support/site.js';
import { chartDrawn, chooseCountry, signInByDevelopmentPage, signedOut } from './support/steps.js';
import { Visit } from './support/visit.js';

const IMAGES = join(import.meta.dirname, '..', '..', 'docs', 'images');
const MAX_BYTES = 250_000;

type Options = BrowserContextOptions & { viewport: { width: number; height: number } };

const light: Options = { viewport: { width: 1440, height: 1040 } };
const dark: Options = { ...light, colorScheme: 'dark' };
const phone: Options = {
  viewport: { width: 320, height: 640 },
  isMobile: true,
  hasTouch: true,
  deviceScaleFactor: 2,
};

interface Picture {
  options: Options;
  show: (page: Page) => Promise<void>;
  /** Only what a screen of this height shows; without: the whole page, however long. */
  height?: number;
}

/** The pictures of the README, of the real page with real figures: SCREENSHOTS=1 npm run test:browser -- screenshots */
const pictures: Record<string, Picture> = {
  'chart-light.png': { options: light, show: chartDrawn },
  'chart-dark.png': { options: dark, show: chartDrawn },
  'chart-phone.png': { options: phone, show: chartDrawn },
  'account-light.png': { options: light, show: account },
  'account-dark.png': { options: dark, show: account },
  'account-phone.png': { options: phone, show: account, height: 1500 },
};

/** The account with a key and a signed client, made at the first picture. */
async function account(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Account' }).click();
  for (const [kind, name] of [
    ['api-keys', 'Nightly report'],
    ['hmac-clients', 'Trading desk'],
  ] as const) {
    const section = page.locator(`#${kind}`);
    await section.locator(':scope > .button').waitFor();
    if ((await section.locator('.entry').count()) > 0) continue;
    await section.locator(':scope > .button').click();
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('checkbox', { name: 'rates:read' }).check();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('button', { name: 'I have saved it' }).click();
    await section.locator('.entry').waitFor();
  }
  await page.evaluate('document.activeElement.blur()');
}

describeWithRealFile('pictures of the page', () => {
  it('are taken', async () => {
    await mkdir(IMAGES, { recursive: true });
    const site = await startSite({ ECB_HISTORY_URL: REAL_ECB_FILE });
    try {
      await ratesReady(site.url, '2026-04-13');
      for (const [file, picture] of Object.entries(pictures)) await take(site.url, file, picture);
    } finally {
      await site.stop();
    }
  }, 120_000);
});

async function take(url: string, file: string, { options, show, height }: Picture): Promise<void> {
  // A scale that is merely emulated leaves the chart's canvas coarse.
  const browser = await launchChromium([`--force-device-scale-factor=${options.deviceScaleFactor ?? 1}`]);
  const visit = await Visit.start(browser, url, options);
  const { page } = visit;
  await signInByDevelopmentPage(visit, 'picture@example.com', '/?asOf=2026-04-13');
  if (await page.getByRole('combobox').isVisible()) await chooseCountry(page, 'south korea');
  await chartDrawn(page);
  await show(page);
  const path = join(IMAGES, file);
  if (height !== undefined) await page.setViewportSize({ ...options.viewport, height });
  await page.screenshot({ path, fullPage: height === undefined, animations: 'disabled' });
  expect((await stat(path)).size).toBeLessThan(MAX_BYTES);
  // Else it would be among the devices of the next picture.
  await page.locator('.top-actions').getByRole('button', { name: 'Sign out' }).click();
  await signedOut(page);
  expect(await visit.end()).toEqual([]);
  await browser.close();
}
