import type { Locator, Page } from 'playwright-core';
import type { Visit } from './visit.js';

/** What a visitor does and reads, by the names a visitor reads. */

/** Signs in by the built-in development sign-in, as the person of that address. Ends on the chooser or on the chart. */
export async function signInByDevelopmentPage({ page }: Visit, email: string, path = '/'): Promise<void> {
  await page.goto(path);
  await page.locator('.google-button').click();
  await page.waitForURL('**/dev-sign-in/**');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('.top-actions').waitFor();
}

/** Signs in as the stand-in Google's next person, who is sent straight back. */
export async function signInByGoogle({ page }: Visit, path = '/'): Promise<void> {
  await page.goto(path);
  await page.locator('.google-button').click();
  await page.locator('.top-actions').waitFor();
}

/** Types into the open chooser and takes the first match, by keyboard alone. */
export async function chooseCountry(page: Page, text: string): Promise<void> {
  const input = page.getByRole('combobox');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
  await input.waitFor({ state: 'detached' });
}

/** Waits until figures and chart are drawn. */
export async function chartDrawn(page: Page): Promise<void> {
  await page.locator('.dashboard[aria-busy="false"] [data-testid="chart"] canvas').first().waitFor();
}

/** Waits for the landing. */
export async function signedOut(page: Page): Promise<void> {
  await page.locator('.landing').waitFor();
}

/** The text as it stands on the screen, its white space evened. */
export async function shown(locator: Locator): Promise<string> {
  return (await locator.innerText()).replace(/\s+/g, ' ').trim();
}
