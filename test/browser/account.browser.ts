import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { overflow, violations } from './support/appearance.js';
import { launchChromium } from './support/chromium.js';
import { type Site, startSite } from './support/site.js';
import { chartDrawn, chooseCountry, shown, signInByDevelopmentPage, signedOut } from './support/steps.js';
import { Visit } from './support/visit.js';

const ADMIN = 'admin.account@example.com';
const ACCOUNT = '/?view=account';
/** Asked for again whenever one comes back to the page. */
const LISTS = ['/auth/sessions', '/api/api-keys', '/api/hmac-clients'];

let site: Site;
let browser: Browser;

beforeAll(async () => {
  site = await startSite({ ADMIN_EMAILS: ADMIN });
  browser = await launchChromium();
});

afterAll(async () => {
  await site.stop();
  await browser.close();
});

/** Signs in on the way to the account, which waits until its lists are there. */
async function atAccount(email: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const visit = await Visit.start(browser, site.url, options);
  await signInByDevelopmentPage(visit, email, ACCOUNT);
  await listed(visit.page);
  return visit;
}

async function listed(page: Page): Promise<void> {
  await page.locator('#devices .entry').first().waitFor();
  for (const kind of ['api-keys', 'hmac-clients']) await page.locator(`#${kind} > .button`).waitFor();
}

const dialogOf = (page: Page): Locator => page.getByRole('dialog');
const inDialog = (page: Page, button: string): Locator => dialogOf(page).getByRole('button', { name: button });

/** Fills in the open dialog, and answers the secret that is shown for it. */
async function create(page: Page, name: string, ...scopes: string[]): Promise<string> {
  await dialogOf(page).getByRole('textbox', { name: 'Name' }).fill(name);
  for (const scope of scopes) await dialogOf(page).getByRole('checkbox', { name: scope }).check();
  await inDialog(page, 'Create').click();
  return shownSecret(page);
}

async function shownSecret(page: Page): Promise<string> {
  const secret = (await page.locator('.secret').innerText()).trim();
  expect(await shown(dialogOf(page))).toContain('will not be shown again');
  return secret;
}

async function closeSecret(page: Page): Promise<void> {
  await inDialog(page, 'I have saved it').click();
  await dialogOf(page).waitFor({ state: 'detached' });
}

async function answerTo(apiKey: string): Promise<number> {
  const { status } = await fetch(`${site.url}/api/users/me`, { headers: { 'x-api-key': apiKey } });
  return status;
}

/** Presses Tab until the element of that name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate<string>(
      `(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.labels?.[0]?.innerText
        ?? document.activeElement?.innerText ?? '').replace(/\\s+/g, ' ')`,
    );
    if (found.includes(name)) return;
  }
  throw new Error(`Tab does not reach ${name}`);
}

describe('the way to the account', () => {
  it('is in the head of the page, has an address, and can be gone back', async () => {
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await signInByDevelopmentPage(visit, 'way@example.com', '/?range=3m');
    await chooseCountry(page, 'south korea');
    await chartDrawn(page);
    await page.getByRole('link', { name: 'Account' }).click();
    await listed(page);
    expect(page.url()).toBe(`${site.url}/?range=3m&view=account`);
    expect(await page.title()).toBe('Account – Hackonomics');
    expect(await page.evaluate<string>('document.activeElement.tagName')).toBe('MAIN');
    await page.reload();
    await listed(page);
    await page.goBack();
    await chartDrawn(page);
    expect(page.url()).toBe(`${site.url}/?range=3m`);
    expect(await page.title()).toBe('Hackonomics');
    await page.goForward();
    await listed(page);
    await page.getByRole('link', { name: 'Back to the rates' }).click();
    await chartDrawn(page);
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Change country' }).click();
    await page.getByRole('combobox').waitFor();
    expect(await visit.end()).toEqual([]);
  });

  it('leads there after a sign-in that began at its address, and an unknown view is the rates', async () => {
    const visit = await atAccount('return@example.com');
    expect(visit.page.url()).toBe(site.url + ACCOUNT);
    await visit.page.goto('/?view=nonsense');
    await visit.page.getByRole('combobox').waitFor();
    expect(await visit.end()).toEqual([]);
  });

  it('loads its code and style only then', async () => {
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    const files: string[] = [];
    page.on('request', (request) => files.push(new URL(request.url()).pathname));
    await signInByDevelopmentPage(visit, 'chunks@example.com');
    await page.getByRole('option').first().waitFor();
    expect(files.filter((path) => path.startsWith('/assets/account-'))).toEqual([]);
    await page.getByRole('link', { name: 'Account' }).click();
    await listed(page);
    expect(files.filter((path) => path.startsWith('/assets/account-'))).toHaveLength(2);
    expect(await visit.end()).toEqual([]);
  });
});

describe('devices', () => {
  it('are signed out one by one, and find that out at their next step', async () => {
    const phone = await atAccount('two@example.com', {
      userAgent: 'Mozilla/5.0 (Android 16; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0',
    });
    const visit = await atAccount('two@example.com');
    const { page } = visit;
    const entries = page.locator('#devices .entry');
    expect(await entries.count()).toBe(2);
    expect(await shown(entries.first())).toMatch(
      /^Chrome on Linux This device IP address (127\.0\.0\.1|::1) Last used now /,
    );
    expect(await shown(entries.last())).toMatch(/^Firefox on Android IP address/);

    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.method()));
    await page.getByRole('button', { name: 'Sign out Firefox on Android' }).dblclick();
    await page.getByText('Firefox on Android is signed out.').waitFor();
    expect(asked.filter((method) => method === 'DELETE')).toHaveLength(1);
    expect(await entries.count()).toBe(1);
    expect(await shown(page.locator(':focus'))).toBe('Chrome on Linux This device');

    phone.expectFailure(/^\/api\/api-keys$/, 401);
    await phone.page.getByRole('button', { name: 'Create an API key' }).click();
    await dialogOf(phone.page).getByRole('textbox', { name: 'Name' }).fill('Too late');
    await dialogOf(phone.page).getByRole('checkbox', { name: 'profile:read' }).check();
    await inDialog(phone.page, 'Create').click();
    await signedOut(phone.page);

    await page.getByRole('button', { name: 'Sign out this device' }).click();
    await signedOut(page);
    await page.reload();
    await signedOut(page);
    expect([await visit.end(), await phone.end()]).toEqual([[], []]);
  });

  it('are signed out all at once, after a question', async () => {
    const other = await atAccount('all@example.com');
    for (const path of LISTS) other.expectFailure(path, 401);
    const visit = await atAccount('all@example.com');
    const { page } = visit;
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    expect(await shown(dialogOf(page))).toContain('All 2 devices');
    await page.keyboard.press('Escape');
    expect(await shown(page.locator(':focus'))).toBe('Sign out everywhere');
    await page.keyboard.press('Enter');
    await inDialog(page, 'Sign out everywhere').click();
    await signedOut(page);
    await other.page.evaluate('dispatchEvent(new Event("visibilitychange"))');
    await signedOut(other.page);
    expect([await visit.end(), await other.end()]).toEqual([[], []]);
  });

  it('are signed out as fast as one clicks, and no further by a key that is held down', async () => {
    const email = 'many@example.com';
    const others = [];
    for (const program of ['one', 'two', 'three', 'four']) {
      others.push(await atAccount(email, { userAgent: `${program}/1.0` }));
    }
    const visit = await atAccount(email);
    const { page } = visit;
    const entries = page.locator('#devices .entry');
    await page.evaluate(`for (const name of ['one', 'two'])
      document.querySelector('[aria-label="Sign out ' + name + '"]').click()`);
    await page.getByRole('button', { name: 'Sign out one' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Sign out two' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Sign out four' }).focus();
    for (let repeats = 0; repeats < 5; repeats++) await page.keyboard.down('Enter');
    await page.getByText('four is signed out.').waitFor();
    for (let repeats = 0; repeats < 5; repeats++) await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    expect(await shown(page.locator(':focus'))).toBe('three');
    expect(await entries.count()).toBe(2);
    expect(await visit.end()).toEqual([]);
    for (const other of others) await other.context.close();
  });

  it('that are gone already count as signed out', async () => {
    const other = await atAccount('gone@example.com', { userAgent: 'Mozilla/5.0 (Windows NT 10.0) Firefox/144.0' });
    const visit = await atAccount('gone@example.com');
    const { page } = visit;
    await other.page.getByRole('button', { name: 'Sign out', exact: true }).first().click();
    await signedOut(other.page);
    visit.expectFailure(/^\/auth\/sessions\//, 404);
    await page.getByRole('button', { name: 'Sign out Firefox on Windows' }).click();
    await page.getByText('Firefox on Windows is signed out.').waitFor();
    expect([await visit.end(), await other.end()]).toEqual([[], []]);
  });
});

describe('API keys', () => {
  it('work from their making to their end, each shown once', async () => {
    const visit = await atAccount('keys@example.com');
    await visit.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const { page } = visit;
    await page.getByRole('button', { name: 'Create an API key' }).click();
    expect(await dialogOf(page).getByRole('checkbox', { name: 'rates:write' }).count()).toBe(0);
    const posts: string[] = [];
    page.on('request', (request) => posts.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await dialogOf(page).getByRole('textbox', { name: 'Name' }).fill('Nightly report');
    await dialogOf(page).getByRole('checkbox', { name: 'profile:read' }).check();
    await inDialog(page, 'Create').dblclick();
    const first = await shownSecret(page);
    expect(posts.filter((post) => post === 'POST /api/api-keys')).toHaveLength(1);
    expect(first).toMatch(/^hx_/);
    expect(await answerTo(first)).toBe(200);
    await inDialog(page, 'Copy').click();
    await page.getByText('Copied.').waitFor();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(first);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect(await shownSecret(page)).toBe(first);
    await closeSecret(page);
    const entry = page.locator('#api-keys .entry');
    expect(await shown(entry)).toMatch(/^Nightly report Id \w+ May do profile:read Created .* Expires .* Last used /);
    expect(await page.content()).not.toContain(first);

    await page.getByRole('button', { name: 'Replace Nightly report' }).click();
    await dialogOf(page).getByRole('radio', { name: 'Ends at once' }).check();
    await inDialog(page, 'Replace').click();
    await page.getByText('The one before no longer works.').waitFor();
    const second = await shownSecret(page);
    await closeSecret(page);
    expect([await answerTo(first), await answerTo(second)]).toEqual([401, 200]);

    await page.getByRole('button', { name: 'Replace Nightly report' }).click();
    await dialogOf(page).getByRole('radio', { name: '1 more hour' }).check();
    await inDialog(page, 'Replace').click();
    await page.getByText('The one before works until').waitFor();
    const third = await shownSecret(page);
    await closeSecret(page);
    expect([await answerTo(second), await answerTo(third)]).toEqual([200, 200]);

    await page.getByRole('button', { name: 'Delete Nightly report' }).click();
    await inDialog(page, 'Delete').click();
    await page.getByText('You have no API keys.').waitFor();
    await page.getByText('Nightly report is deleted.').waitFor();
    expect(await shown(page.locator(':focus'))).toBe('API keys');
    expect([await answerTo(second), await answerTo(third)]).toEqual([401, 401]);
    expect(await visit.end()).toEqual([]);
  });

  it('are made by keyboard alone, what is missing being said', async () => {
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await signInByDevelopmentPage(visit, 'keyboard@example.com');
    await page.getByRole('option').first().waitFor();
    await page.locator('.brand').focus();
    await tabTo(page, 'Account');
    await page.keyboard.press('Enter');
    await listed(page);
    await tabTo(page, 'Create an API key');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.getByText('Give it a name.').waitFor();
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Enter');
    await page.getByText('Choose at least one.').waitFor();
    await page.keyboard.press('Space');
    await tabTo(page, 'Expires after');
    await page.keyboard.press('End');
    await tabTo(page, 'Create');
    await page.keyboard.press('Enter');
    await shownSecret(page);
    await tabTo(page, 'I have saved it');
    await page.keyboard.press('Enter');
    await dialogOf(page).waitFor({ state: 'detached' });
    expect(await shown(page.locator(':focus'))).toBe('Create an API key');
    expect(await shown(page.locator('#api-keys .entry'))).toMatch(/^By keyboard .* rates:read .* Expires never/);
    expect(await visit.end()).toEqual([]);
  });

  it('tell what the server refuses where it was asked, and go on', async () => {
    const visit = await atAccount('refused@example.com');
    const { page } = visit;
    await page.getByRole('button', { name: 'Create an API key' }).click();
    visit.expectFailure('/api/api-keys', 400);
    await dialogOf(page).getByRole('textbox', { name: 'Name' }).fill('half \u2028 a line');
    await dialogOf(page).getByRole('checkbox', { name: 'gateway' }).check();
    await inDialog(page, 'Create').click();
    expect(await shown(dialogOf(page).getByRole('alert'))).toContain('name: must be 1 to 100 characters');
    visit.expectFailure('/api/api-keys', 'refused');
    await page.route('**/api/api-keys', (route) => route.abort('connectionrefused'), { times: 1 });
    await inDialog(page, 'Create').click();
    await dialogOf(page).getByText('The server cannot be reached.').waitFor();
    await create(page, 'A whole line');
    await closeSecret(page);
    expect(await visit.end()).toEqual([]);
  });
});

describe('signed clients', () => {
  it('are made and listed, those of administrators with the right to write rates', async () => {
    const visit = await atAccount(ADMIN);
    const { page } = visit;
    await page.getByRole('button', { name: 'Create a signed client' }).click();
    const secret = await create(page, 'Signer', 'rates:write', 'gateway');
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    const dialog = await shown(dialogOf(page));
    await closeSecret(page);
    const entry = page.locator('#hmac-clients .entry');
    const [, keyId] = /Key id (hc_\w+)/.exec(await shown(entry)) ?? [];
    expect(dialog).toContain(`Key id: ${keyId}`);
    expect(await shown(entry)).toMatch(/rates:write/);
    expect(await page.locator('#hmac-clients').getByRole('link').getAttribute('href')).toBe('/docs');
    await page.getByRole('button', { name: 'Delete Signer' }).click();
    await inDialog(page, 'Delete').click();
    await page.getByText('You have no signed clients.').waitFor();
    expect(await visit.end()).toEqual([]);
  });
});

describe('the data of a person', () => {
  it('is downloaded under the name that the server gives; too often is told with the time to wait', async () => {
    const email = 'export@example.com';
    const visit = await atAccount(email);
    const { page } = visit;
    const button = page.getByRole('button', { name: 'Download your data' });
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    expect(download.suggestedFilename()).toBe('hackonomics-account.json');
    const text = await readFile(await download.path(), 'utf8');
    expect((JSON.parse(text) as { profile: { email: string } }).profile.email).toBe(email);
    await page.getByText('Your data is downloaded.').waitFor();

    await page.evaluate(`Promise.all(Array.from({ length: 9 }, () =>
      fetch('/api/users/me/export').then((answer) => answer.text())))`);
    visit.expectFailure('/api/users/me/export', 429);
    await button.click();
    expect(await shown(page.locator('#data').getByRole('alert'))).toMatch(/You can try again in \d+ (minutes|hour)/);
    expect(await visit.end()).toEqual([]);
  });

  it('goes with the account, and the same sign-in starts anew', async () => {
    const email = 'leaving@example.com';
    const visit = await Visit.start(browser, site.url);
    const { page } = visit;
    await signInByDevelopmentPage(visit, email);
    await chooseCountry(page, 'south korea');
    await chartDrawn(page);
    await page.getByRole('link', { name: 'Account' }).click();
    await listed(page);
    await page.getByRole('button', { name: 'Delete the account' }).click();
    expect(await shown(dialogOf(page))).toContain('Every device is signed out.');
    await inDialog(page, 'Delete the account').click();
    await page.getByText('Type the word “delete” to go on.').waitFor();
    await page.keyboard.type('Delete');
    await page.keyboard.press('Enter');
    await signedOut(page);
    expect(await shown(page.locator(':focus'))).toMatch(/^Your account is deleted\./);
    expect(page.url()).toBe(`${site.url}/`);
    expect(await violations(page)).toEqual([]);
    await signInByDevelopmentPage(visit, email);
    await page.getByRole('heading', { name: 'Choose your country' }).waitFor();
    expect(await visit.end()).toEqual([]);
  });
});

const LONG_NAME = 'Quarterly-reconciliation-of-everything-'.repeat(3).slice(0, 98);

/** A person with as much as the page must bear: thirty devices, fifty keys. */
async function muchToShow(page: Page): Promise<void> {
  const devices = Array.from({ length: 30 }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    createdAt: '2026-01-02T03:04:05.000Z',
    lastUsedAt: '2026-10-02T03:04:05.000Z',
    address: '2001:db8:1234:5678:9abc:def0:1234:5678',
    userAgent: index % 2 === 0 ? `${'Verylongprogramname'.repeat(2)}/1.0` : null,
    current: index === 7,
  }));
  await page.route('**/auth/sessions', (route) => route.fulfill({ json: devices }));
  const statuses = await page.evaluate<number[]>(`Promise.all(Array.from({ length: 50 }, (_, index) =>
    fetch('/api/api-keys', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({
      name: '${LONG_NAME}' + String(index).padStart(2, '0'), scopes: ['rates:read', 'profile:read', 'profile:write', 'gateway'],
    }) }).then((answer) => answer.status)))`);
  expect(new Set(statuses)).toEqual(new Set([201]));
  await page.reload();
  await listed(page);
}

type Look = (name: string, page: Page) => Promise<void>;

/** The view and each of its dialogs in turn, in the language of the browser. */
async function everyLook(visit: Visit, look: Look): Promise<void> {
  const { page } = visit;
  const openers: [string, string][] = [
    ['sign out everywhere', '#devices > .button'],
    ['create a key', '#api-keys > .button'],
    ['create a client', '#hmac-clients > .button'],
    ['replace', '#api-keys .entry:first-child .button:first-child'],
    ['delete', '#api-keys .entry:first-child .button:last-child'],
    ['delete the account', '#data .button-danger'],
  ];
  await look('account', page);
  for (const [name, opener] of openers) {
    await page.locator(opener).click();
    await dialogOf(page).waitFor();
    await look(name, page);
    if (name.startsWith('create') || name === 'delete the account') {
      await dialogOf(page).locator('[type="submit"]').click();
      await look(`${name}, incomplete`, page);
    }
    await page.keyboard.press('Escape');
    await dialogOf(page).waitFor({ state: 'detached' });
  }
  await page.locator('#api-keys .entry:first-child .button:first-child').click();
  await dialogOf(page).locator('[type="submit"]').click();
  await page.locator('.secret').waitFor();
  await look('secret', page);
  await dialogOf(page).locator('.button-plain').click();
}

describe('with thirty devices and fifty keys', () => {
  it('breaks no rule of accessibility, in the light and in the dark theme', async () => {
    const found: Record<string, string[]> = {};
    const visit = await atAccount('much@example.com');
    await muchToShow(visit.page);
    await everyLook(visit, async (name, page) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const broken = await violations(page);
        if (broken.length > 0) found[`${name}, ${colorScheme}`] = broken;
      }
    });
    expect(found).toEqual({});
    expect(await visit.end()).toEqual([]);
  }, 180_000);

  it.each([
    ['en-US', 'much.narrow@example.com'],
    ['ko-KR', 'much.korean@example.com'],
  ])(
    'needs no scrolling to the side at 320 pixels in %s',
    async (locale, email) => {
      const found: Record<string, number> = {};
      const phone = { locale, viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };
      const visit = await atAccount(email, phone);
      await muchToShow(visit.page);
      await everyLook(visit, async (name, page) => {
        const inside =
          '(document.querySelector("dialog")?.scrollWidth ?? 0) - (document.querySelector("dialog")?.clientWidth ?? 0)';
        const pixels = Math.max(await overflow(page), await page.evaluate<number>(inside));
        if (pixels > 0) found[name] = pixels;
      });
      expect(found).toEqual({});
      expect(await visit.end()).toEqual([]);
    },
    90_000,
  );
});
