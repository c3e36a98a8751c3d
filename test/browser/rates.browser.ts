import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { plusDays } from '../support/stand-ins/days.js';
import { launchChromium } from './support/chromium.js';
import { crossRate, dataset, LONGEST_LOOK_BACK, newestDay, type Site, startSite } from './support/site.js';
import { chartDrawn, chooseCountry, shown, signInByDevelopmentPage } from './support/steps.js';
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

describe('the rates', () => {
  it('are those of a past day where the address names one, with a way back to today', async () => {
    const pastDay = plusDays(dataset.to, -LONGEST_LOOK_BACK);
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await signInByDevelopmentPage(visit, 'past@example.com', `/?range=3m&asOf=${pastDay}`);
    await chooseCountry(page, 'south korea');
    await chartDrawn(page);
    const day = newestDay('KRW', pastDay);
    const rate = async () => Number((await shown(page.getByTestId('rate'))).replaceAll(',', ''));
    const date = () => page.locator('.headline-origin time').getAttribute('datetime');
    expect([await rate(), await date()]).toEqual([crossRate('KRW', day), day]);
    expect(await shown(page.locator('.notice-as-of'))).toMatch(/^As of \w+ \d+, \d{4} ?Back to today$/);

    await page.getByRole('link', { name: 'Back to today' }).click();
    await page.waitForURL(`${site.url}/?range=3m`);
    await chartDrawn(page);
    const newest = newestDay('KRW');
    expect([await rate(), await date()]).toEqual([crossRate('KRW', newest), newest]);
    expect(await page.locator('.notice-as-of').count()).toBe(0);

    await page.goBack();
    await page.locator('.notice-as-of').waitFor();
    await chartDrawn(page);
    expect([await rate(), await date()]).toEqual([crossRate('KRW', day), day]);
    expect(await visit.end()).toEqual([]);
  });

  it('come by themselves where the server is still loading them', async () => {
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await signInByDevelopmentPage(visit, 'early@example.com');
    visit.expectFailure('/api/exchange-rate/chart', 503);
    const path = '**/api/exchange-rate/chart';
    await page.route(path, (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        headers: { 'retry-after': '1' },
        body: JSON.stringify({ status: 503, title: 'Unavailable', code: 'rates_not_ready', detail: 'Not yet.' }),
      }),
    );
    await chooseCountry(page, 'south korea');
    await page.getByText('The rates are being loaded').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.unroute(path);
    await chartDrawn(page);
    expect(await visit.end()).toEqual([]);
  });

  it('ask for another day where the address names none that exists', async () => {
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await signInByDevelopmentPage(visit, 'noday@example.com');
    await chooseCountry(page, 'south korea');
    for (const path of ['/api/exchange-rate', '/api/exchange-rate/chart']) visit.expectFailure(path, 400);
    await page.goto('/?asOf=2026-02-31');
    expect(await shown(page.getByRole('alert'))).toContain('asOf');
    await page.getByRole('link', { name: 'Back to today' }).click();
    await chartDrawn(page);
    expect(await visit.end()).toEqual([]);
  });

  it('are explained away where the currency is the dollar, and where nobody publishes them', async () => {
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    for (const path of ['/api/exchange-rate', '/api/exchange-rate/chart']) {
      visit.expectFailure(path, 409);
      visit.expectFailure(path, 404);
    }
    await signInByDevelopmentPage(visit, 'dollars@example.com');
    await chooseCountry(page, 'ecuador');
    await page.getByRole('heading', { name: 'Your currency is the US dollar' }).waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Change country' }).click();
    await chooseCountry(page, 'taiwan');
    await page.getByRole('heading', { name: 'No rates for this currency' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.getByRole('main').getByRole('button', { name: 'Change country' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'No rates for this currency' }).waitFor();
    expect(await visit.end()).toEqual([]);
  });

  it('speak Korean to a Korean', async () => {
    const visit = await Visit.start(browser, site.url, { locale: 'ko-KR' });
    const { page } = visit;
    await page.goto('/');
    await page.getByRole('link', { name: 'Google 계정으로 로그인' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
    await signInByDevelopmentPage(visit, 'korean@example.com');
    await chooseCountry(page, '한국');
    await chartDrawn(page);
    expect(await page.getByRole('tab').allInnerTexts()).toEqual(['3개월', '6개월', '1년', '2년']);
    const [year, month, day] = newestDay('KRW').split('-').map(Number);
    expect(await shown(page.locator('.headline-origin'))).toContain(`${year}년 ${month}월 ${day}일`);
    expect(await shown(page.locator('.headline-origin'))).toContain('출처: 유럽중앙은행(ECB)');
    expect(await visit.end()).toEqual([]);
  });

  it('say where the pointer is: its day and its rate', async () => {
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await signInByDevelopmentPage(visit, 'pointer@example.com', '/?range=3m');
    await chooseCountry(page, 'japan');
    await chartDrawn(page);
    const box = await page.getByTestId('chart').boundingBox();
    if (!box) throw new Error('the chart has no place');
    await page.mouse.move(box.x + 1, box.y + box.height / 2);
    const reading = page.getByTestId('chart-reading');
    await reading.waitFor();
    const day = await reading.locator('time').getAttribute('datetime');
    expect(await shown(reading)).toContain(String(crossRate('JPY', day ?? '')));
    await page.mouse.move(0, 0);
    await reading.waitFor({ state: 'hidden' });
    expect(await visit.end()).toEqual([]);
  });
});

describe('a server that goes away', () => {
  it('is told with a way to try again, and the page recovers', async () => {
    const own = await startSite();
    try {
      const visit = await Visit.start(browser, own.url);
      const { page } = visit;
      await signInByDevelopmentPage(visit, 'away@example.com');
      await chooseCountry(page, 'south korea');
      await chartDrawn(page);
      await page.getByRole('button', { name: 'South Korea' }).click();
      await page.getByRole('option').first().waitFor();
      for (const path of ['/api/users/me', '/api/exchange-rate', '/api/exchange-rate/chart']) {
        visit.expectFailure(path, 'refused');
      }
      await own.server.stop();
      await page.getByRole('option', { name: 'Japan' }).click();
      await page.getByRole('heading', { name: 'The server cannot be reached' }).waitFor();
      await own.restart();
      await page.getByRole('button', { name: 'Try again' }).click();
      await chartDrawn(page);
      expect(await shown(page.locator('h1'))).toContain('JPY');
      expect(await visit.end()).toEqual([]);
    } finally {
      await own.stop();
    }
  });
});

describe('without any source of rates', () => {
  it('shows made-up ones, said in red', async () => {
    const own = await startSite({ ECB_HISTORY_URL: 'http://127.0.0.1:9/eurofxref-hist.zip' });
    try {
      const visit = await Visit.start(browser, own.url);
      const { page } = visit;
      for (const path of ['/api/exchange-rate', '/api/exchange-rate/chart']) visit.expectFailure(path, 503);
      await signInByDevelopmentPage(visit, 'sample@example.com');
      await chooseCountry(page, 'south korea');
      await page.locator('.notice-sample').waitFor({ timeout: 30_000 });
      await chartDrawn(page);
      expect(await shown(page.getByRole('alert'))).toBe('Sample data – made up, not real rates');
      const colour = await page.evaluate<string>(
        "getComputedStyle(document.querySelector('.notice-sample')).backgroundColor",
      );
      const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map(Number);
      expect(red).toBeGreaterThan(2 * Math.max(green, blue));
      expect(await shown(page.locator('.headline-origin'))).toContain('Source: sample data');
      expect(await visit.end()).toEqual([]);
    } finally {
      await own.stop();
    }
  });
});
