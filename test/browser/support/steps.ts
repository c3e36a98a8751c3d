import type { Page } from 'playwright-core';
import type { Visit } from './visit.js';

/** What a visitor does, by the names a visitor reads. */

/** Signs in by the built-in development sign-in, as the person of that address. Ends on the chooser or on the chart. */
export async function signInByDevelopmentPage({ page }: Visit, email: string, path = '/'): Promise<void> {
  await page.goto(path);
  await page.locator('.google-button').click();
  await page.waitForURL('**/dev-sign-in/**');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('.top-actions').waitFor();
}

/** Types into the open chooser and takes the first match, by keyboard alone. */
export async function chooseCountry(page: Page, text: string): Promise<void> {
  const input = page.getByRole('combobox');
  await input.waitFor();
  await page.getByRole('option').first().waitFor();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
  await input.waitFor({ state: 'detached' });
}

/** Waits until figures and chart are drawn. */
export async function chartDrawn(page: Page): Promise<void> {
  await page.locator('[data-testid="chart"] canvas').first().waitFor();
  await page.locator('.dashboard[aria-busy="false"]').waitFor();
}
