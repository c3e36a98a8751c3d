import express, { type Request, type Response, Router } from 'express';
import type Provider from 'oidc-provider';
import { accountFrom, type AccountForm, type FormProblem, readAccountForm } from './account-form.js';
import type { Account, Accounts } from './accounts.js';
import { chooserPage } from './chooser.page.js';
import type { Page } from './page.js';
import { CANCELLED, chosen } from './provider-settings.js';

const MAX_BODY = '4kb';
const MAX_FIELDS = 8;

/** The request is for no sign-in that is open in this browser. */
export class SignInNotOpen extends Error {}

/** The form was not sent by our own page. */
export class ForeignForm extends Error {}

export interface ChooserParts {
  readonly provider: Provider;
  readonly accounts: Accounts;
  /** Origin of the page, as a browser names it. */
  readonly origin: string;
  readonly formTargets: readonly string[];
}

/**
 * `GET` and `POST /interaction/:uid`: the page to choose an account. Only the browser that began the sign-in has its
 * signed cookie (SameSite=Lax, for this path alone), and a form of another page is refused by its `Origin` besides:
 * other ports of localhost count as the same site.
 */
export function chooserRoutes({ provider, accounts, origin, formTargets }: ChooserParts): Router {
  const router = Router();
  const body = express.urlencoded({ extended: false, limit: MAX_BODY, parameterLimit: MAX_FIELDS });

  router.get('/interaction/:uid', async (request, response) => {
    const { params } = await signInOf(provider, request, response);
    const email = typeof params.login_hint === 'string' ? params.login_hint : '';
    await sendChooser(response, { email, name: '', unverified: false });
  });

  router.post('/interaction/:uid', body, async (request, response) => {
    const sentFrom = request.get('origin');
    if (sentFrom !== undefined && sentFrom !== origin) throw new ForeignForm();
    await signInOf(provider, request, response);
    const fields = (request.body ?? {}) as Record<string, unknown>;
    if (fields.cancel !== undefined) return finish(request, response, CANCELLED);

    if (typeof fields.account === 'string') {
      const known = await accounts.find(fields.account);
      if (known !== undefined) return signIn(request, response, known);
    }
    const form = readAccountForm(fields);
    const typed = accountFrom(form);
    if ('field' in typed) return sendChooser(response.status(400), form, typed);
    return signIn(request, response, typed);
  });

  return router;

  async function signIn(request: Request, response: Response, account: Account): Promise<void> {
    await accounts.remember(account);
    await finish(request, response, chosen(account.subject));
  }

  async function finish(request: Request, response: Response, result: typeof CANCELLED): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }

  async function sendChooser(response: Response, form: AccountForm, problem?: FormProblem): Promise<void> {
    send(response, chooserPage({ accounts: await accounts.choices(), form, problem, formTargets }));
  }
}

export function send(response: Response, page: Page): void {
  response.set(page.headers).send(page.html);
}

async function signInOf(
  provider: Provider,
  request: Request,
  response: Response,
): Promise<{ params: Record<string, unknown> }> {
  try {
    const interaction = await provider.interactionDetails(request, response);
    if (interaction.uid === request.params.uid) return interaction;
  } catch (cause) {
    if ((cause as Error).name === 'SessionNotFound') throw new SignInNotOpen(undefined, { cause });
    throw cause;
  }
  throw new SignInNotOpen();
}
