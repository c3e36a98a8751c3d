import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { describeWithRealFile, REAL_ECB_FILE } from '../support/real-ecb-file.js';
import { ratesReady, type Site, startSite } from './support/site.js';
import { chartDrawn, chooseCountry, shown, signInByDevelopmentPage } from './support/steps.js';
import { Visit } from './support/visit.js';

describeWithRealFile(`with the ECB's real file, ${REAL_ECB_FILE}`, () => {
  let site: Site;
  let browser: Browser;

  beforeAll(async () => {
    site = await startSite({ ECB_HISTORY_URL: REAL_ECB_FILE });
    await ratesReady(site.url, '2026-04-13');
    browser = await launchChromium();
  });

  afterAll(async () => {
    await site.stop();
    await browser.close();
  });

  it('shows a Korean the won of 13 April 2026', async () => {
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await signInByDevelopmentPage(visit, 'won@example.com', '/?asOf=2026-04-13');
    await chooseCountry(page, 'south korea');
    await chartDrawn(page);
    expect(await shown(page.locator('h1'))).toBe('1 USD = 1,489.95 KRW');
    expect(await page.locator('.headline-origin time').getAttribute('datetime')).toBe('2026-04-13');
    expect(await shown(page.locator('.headline-origin'))).toBe('April 13, 2026 Source: European Central Bank');
    await page.locator('summary').click();
    expect(await shown(page.locator('tbody tr').first())).toBe('Apr 13, 2026 1,489.95');
    expect(await visit.end()).toEqual([]);
  });
});
