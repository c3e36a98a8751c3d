import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { type Site, startSite } from './support/site.js';
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

/** What the page shows of the people of these tests. */
const PERSONAL = /KRW|South Korea|example\.com/;

/** By another program that holds the same session; this browser keeps its cookies and knows nothing of it. */
async function endSessionElsewhere({ context, url }: Visit): Promise<void> {
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const headers = { cookie, origin: url, 'content-type': 'application/json' };
  const { status } = await fetch(`${url}/auth/logout`, { method: 'POST', headers, body: '{}' });
  expect(status).toBe(204);
}

describe('with the development sign-in', () => {
  it('leads to the chart and back, and the back button shows nothing of the person', async () => {
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await signInByDevelopmentPage(visit, 'back@example.com', '/?range=3m');
    await chooseCountry(page, 'south korea');
    await chartDrawn(page);
    expect(page.url()).toBe(`${site.url}/?range=3m`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signedOut(page);
    visit.expectFailure(/^\/dev-sign-in\//, 400);
    await page.goBack();
    await page.waitForLoadState();
    // The steps before are the page of the sign-in, which is over, and the landing.
    expect(await page.locator('body').innerText()).not.toMatch(PERSONAL);
    await page.goto('/?range=3m');
    await signedOut(page);
    expect(await page.locator('body').innerText()).not.toMatch(PERSONAL);
    expect(await visit.end()).toEqual([]);
  });

  it('shows no figure of a page that the browser kept, once its person has signed out', async () => {
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await signInByDevelopmentPage(visit, 'kept@example.com');
    await chooseCountry(page, 'south korea');
    await chartDrawn(page);
    const other = await visit.context.newPage();
    await other.goto('/');
    await other.getByRole('button', { name: 'Sign out' }).click();
    await signedOut(other);
    // As a browser announces a page from its back/forward cache.
    await page.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))');
    await signedOut(page);
    expect(await page.locator('body').innerText()).not.toMatch(PERSONAL);
    expect(await visit.end()).toEqual([]);
  });

  it.each([
    [
      'does something',
      (page: Page) =>
        page
          .getByRole('button', { name: 'South Korea' })
          .click()
          .then(() => page.getByRole('option', { name: 'Japan' }).click()),
    ],
    ['comes back to the page', (page: Page) => page.evaluate('dispatchEvent(new Event("visibilitychange"))')],
  ])('shows the sign-in where the session was ended elsewhere and its person %s', async (_case, act) => {
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await signInByDevelopmentPage(visit, 'ended@example.com');
    if (await page.getByRole('combobox').isVisible()) await chooseCountry(page, 'south korea');
    await chartDrawn(page);
    await endSessionElsewhere(visit);
    await act(page);
    await signedOut(page);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await visit.end()).toEqual([]);
  });

  it('renews an access token that has run out without a word', async () => {
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await signInByDevelopmentPage(visit, 'renewed@example.com');
    await chooseCountry(page, 'south korea');
    await chartDrawn(page);
    await visit.context.clearCookies({ name: 'hx_at' });
    for (const path of ['/api/exchange-rate', '/api/exchange-rate/chart']) visit.expectFailure(path, 401);
    await page.reload();
    await chartDrawn(page);
    expect((await visit.context.cookies()).map(({ name }) => name)).toContain('hx_at');
    expect(await visit.end()).toEqual([]);
  });
});
