import type { AccountForm, FormProblem } from './account-form.js';
import type { Account } from './accounts.js';
import { escapeHtml } from './html.js';
import { type Page, page } from './page.js';

export interface Chooser {
  readonly accounts: readonly Account[];
  readonly form: AccountForm;
  readonly problem?: FormProblem | undefined;
  /** Origins of front ends to which a sign-in may return. */
  readonly formTargets: readonly string[];
}

/** Choose one of the accounts or type another; each form posts to the page's own address. */
export function chooserPage({ accounts, form, problem, formTargets }: Chooser): Page {
  return page(
    'Development sign-in',
    `<h1>Development sign-in</h1>
<p class="lead">No Google account needed. This page exists outside production only.</p>
<form method="post">
<h2 id="accounts">Choose an account</h2>
<ul aria-labelledby="accounts">
${accounts.map(accountItem).join('\n')}
</ul>
</form>
<form method="post" novalidate>
<h2>Or use another one</h2>
<div class="field">
<label for="email">E-mail address</label>
<input id="email" name="email" type="text" inputmode="email" autocomplete="off" autocapitalize="none" spellcheck="false" required value="${escapeHtml(form.email)}"${reference('email', problem)}>
${problemNote('email', problem)}<p class="hint" id="email-hint">Any address will do; no mail is sent.</p>
</div>
<div class="field">
<label for="name">Name (optional)</label>
<input id="name" name="name" type="text" autocomplete="off" value="${escapeHtml(form.name)}"${reference('name', problem)}>
${problemNote('name', problem)}</div>
<label class="check"><input type="checkbox" name="unverified"${form.unverified ? ' checked' : ''}> Pretend that the address is not verified</label>
<button class="primary" type="submit">Sign in</button>
</form>
<form method="post" class="cancel">
<button class="quiet" type="submit" name="cancel" value="yes">Cancel</button>
</form>`,
    formTargets,
  );
}

function accountItem({ subject, email, name, emailVerified }: Account): string {
  const details = [
    ...(name === null ? [] : [escapeHtml(email)]),
    ...(emailVerified ? [] : ['<em class="mark">address not verified</em>']),
  ].join(' ');
  return `<li><button class="account" type="submit" name="account" value="${escapeHtml(subject)}"><strong>${escapeHtml(name ?? email)}</strong><span>${details}</span></button></li>`;
}

function reference(field: FormProblem['field'], problem: FormProblem | undefined): string {
  const hint = field === 'email' ? 'email-hint' : '';
  if (problem?.field !== field) return hint === '' ? '' : ` aria-describedby="${hint}"`;
  return ` aria-invalid="true" aria-describedby="${`${field}-problem ${hint}`.trim()}" autofocus`;
}

function problemNote(field: FormProblem['field'], problem: FormProblem | undefined): string {
  return problem?.field === field
    ? `<p class="problem" id="${field}-problem" role="alert">${escapeHtml(problem.message)}</p>\n`
    : '';
}
