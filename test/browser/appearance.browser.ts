import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { plusDays } from '../support/stand-ins/days.js';
import { overflow, violations } from './support/appearance.js';
import { launchChromium } from './support/chromium.js';
import { dataset, LONGEST_LOOK_BACK, type Site, startSite } from './support/site.js';
import { chartDrawn, chooseCountry, signInByDevelopmentPage, signedOut } from './support/steps.js';
import { Visit } from './support/visit.js';

let site: Site;
let browser: Browser;

beforeAll(async () => {
  site = await startSite();
  browser = await launchChromium();
});

afterAll(async () => {
  await site.stop();
  await browser.close();
});

type View = (name: string, page: Page) => Promise<void>;

/** Every view in turn: landing, chooser, chart with its table, a past day, a fact about a currency. */
async function everyView(options: BrowserContextOptions, email: string, look: View): Promise<string[]> {
  const visit = await Visit.start(browser, site.url, options);
  const { page } = visit;
  for (const path of ['/api/exchange-rate', '/api/exchange-rate/chart']) visit.expectFailure(path, 409);
  await page.goto('/');
  await signedOut(page);
  await look('landing', page);
  await signInByDevelopmentPage(visit, email);
  await page.getByRole('option').first().waitFor();
  await look('chooser', page);
  await page.keyboard.type('atlantis');
  await look('chooser without a match', page);
  await page.keyboard.press('Escape');
  await chooseCountry(page, 'indonesia');
  await chartDrawn(page);
  await page.locator('summary').click();
  await look('chart', page);
  await page.goto(`/?asOf=${plusDays(dataset.to, -LONGEST_LOOK_BACK)}&range=6m`);
  await chartDrawn(page);
  await look('chart of a past day', page);
  await page.locator('.top-actions button').first().click();
  await chooseCountry(page, 'ecuador');
  await page.locator('.note').waitFor();
  await look('a dollar country', page);
  return visit.end();
}

it('breaks no rule of accessibility, in the light and in the dark theme', async () => {
  const found: Record<string, string[]> = {};
  const complaints = await everyView({}, 'themes@example.com', async (name, page) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const broken = await violations(page);
      if (broken.length > 0) found[`${name}, ${colorScheme}`] = broken;
    }
  });
  expect(found).toEqual({});
  expect(complaints).toEqual([]);
});

it.each([
  ['en-US', 'narrow.english@example.com'],
  ['ko-KR', 'narrow.korean@example.com'],
])('needs no scrolling to the side at 320 pixels in %s', async (locale, email) => {
  const found: Record<string, number> = {};
  const phone = { locale, viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };
  const complaints = await everyView(phone, email, async (name, page) => {
    const pixels = await overflow(page);
    if (pixels > 0) found[name] = pixels;
  });
  expect(found).toEqual({});
  expect(complaints).toEqual([]);
});
