import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type Google, startGoogle } from '../support/stand-ins/google.js';
import { personOf } from '../support/stand-ins/google-people.js';
import { launchChromium } from './support/chromium.js';
import { crossRate, dataset, newestDay, type Site, startSite } from './support/site.js';
import { chartDrawn, chooseCountry, shown, signInByGoogle } from './support/steps.js';
import { Visit } from './support/visit.js';

const PICTURE = 'https://lh3.googleusercontent.com/a/picture';
const GREY_PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

let google: Google;
let site: Site;
let browser: Browser;

beforeAll(async () => {
  google = await startGoogle();
  site = await startSite({
    GOOGLE_ISSUER: google.url,
    GOOGLE_CLIENT_ID: google.clientId,
    GOOGLE_CLIENT_SECRET: google.clientSecret,
  });
  browser = await launchChromium();
});

afterAll(async () => {
  await google.close();
  await site.stop();
  await browser.close();
});

describe('with a Google account', () => {
  it('goes from the landing to the chart and back, by keyboard alone', async () => {
    google.nextPerson = { ...personOf('1001'), name: 'Person 1001', picture: PICTURE };
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await visit.answerFor(PICTURE, GREY_PIXEL);

    await page.goto('/');
    await page.getByRole('link', { name: 'Sign in with Google' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await shown(page.locator(':focus'))).toBe('Sign in with Google');
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'Choose your country' }).waitFor();
    await page.getByRole('option').first().waitFor();
    expect(await page.getByRole('img', { name: 'Person 1001' }).isVisible()).toBe(true);
    await page.keyboard.type('kor');
    expect(await shown(page.getByRole('option', { selected: true }))).toContain('South Korea');
    await page.keyboard.press('ArrowDown');
    expect(await shown(page.getByRole('option', { selected: true }))).toContain('North Korea');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');

    await chartDrawn(page);
    const day = newestDay('KRW');
    const newest = crossRate('KRW', day);
    expect(Number((await shown(page.getByTestId('rate'))).replaceAll(',', ''))).toBe(newest);
    const origin = page.locator('.headline-origin');
    expect(await origin.locator('time').getAttribute('datetime')).toBe(day);
    expect(await shown(origin)).toContain('Source: European Central Bank');

    expect(await page.getByRole('tab').allInnerTexts()).toEqual(['3M', '6M', '1Y', '2Y']);
    expect(await shown(page.getByRole('tab', { selected: true }))).toBe('1Y');
    await page.getByRole('tab', { selected: true }).focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForURL('**/?range=2y');
    const overTwoYears = await shown(page.getByTestId('change'));
    expect(overTwoYears).toContain('over 2 years');
    await page.reload();
    await chartDrawn(page);
    expect(await shown(page.getByRole('tab', { selected: true }))).toBe('2Y');
    expect(await shown(page.getByTestId('change'))).toBe(overTwoYears);

    await page.locator('summary').focus();
    await page.keyboard.press('Enter');
    const rows = page.locator('tbody tr');
    const earliest = await rows.last().locator('time').getAttribute('datetime');
    expect(await rows.count()).toBe(dataset.ecb('KRW')?.between(earliest ?? '', day).length);
    expect(Number((await shown(rows.first().locator('td'))).replaceAll(',', ''))).toBe(newest);

    await page.getByRole('button', { name: 'Sign out' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Sign in with Google' }).waitFor();
    expect(await visit.end()).toEqual([]);
  });

  it('remembers the country, which can be changed, at the next sign-in', async () => {
    google.nextPerson = { ...personOf('1002'), picture: PICTURE };
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await visit.answerFor(PICTURE, GREY_PIXEL);
    await signInByGoogle(visit, '/?range=6m');
    await chooseCountry(page, 'japan');
    await chartDrawn(page);
    expect(page.url()).toBe(`${site.url}/?range=6m`);
    expect(await shown(page.locator('h1'))).toMatch(/^1 USD = [\d.]+ JPY$/);

    await page.getByRole('button', { name: 'Japan' }).click();
    await chooseCountry(page, 'pound');
    await chartDrawn(page);
    expect(await shown(page.locator('h1'))).toMatch(/^1 USD = 0\.\d+ GBP$/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in with Google' }).waitFor();

    await signInByGoogle(visit, '/');
    await chartDrawn(page);
    expect(await shown(page.locator('h1'))).toContain('GBP');
    expect(await visit.end()).toEqual([]);
  });

  it('is told calmly that Google was left without a consent', async () => {
    google.refuse();
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    visit.expectFailure('/auth/google/callback', 403);
    await page.goto('/');
    await page.getByRole('link', { name: 'Sign in with Google' }).click();
    await page.getByRole('heading', { name: 'Sign-in cancelled' }).waitFor();
    await page.getByRole('link', { name: 'Back to the start' }).click();
    await page.getByRole('link', { name: 'Sign in with Google' }).waitFor();
    expect(await visit.end()).toEqual([]);
  });
});
