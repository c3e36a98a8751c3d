import { createHash } from 'node:crypto';
import type { Response } from 'express';
import type { Problem } from '../../platform/http/problem.js';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f7f8fa, #0f1216); color: light-dark(#14181f, #e8ebf0); }
main { max-width: 28rem; padding: 2rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem; }
p { margin: 0 0 1.25rem; }
a { display: inline-block; padding: .6rem 1.1rem; border-radius: .5rem; background: light-dark(#1652c4, #7aa8ff); color: light-dark(#fff, #0b0e12); text-decoration: none; font-weight: 600; }
a:focus-visible { outline: 3px solid currentColor; outline-offset: 3px; }
small { display: block; margin-top: 1.5rem; color: light-dark(#5a6270, #9aa3b2); }
`;

const POLICY = [
  `default-src 'none'`,
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  `base-uri 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

const HEADINGS: Record<string, string> = {
  sign_in_denied: 'Sign-in cancelled',
  sign_in_unknown: 'This sign-in is no longer open',
  sign_in_incomplete: 'Nothing to complete here',
  too_many_requests: 'Too many sign-ins at once',
  account_disabled: 'This account is disabled',
};

/** The page for a sign-in that did not work out. Shows our own sentences alone, nothing of the request. */
export function sendSignInErrorPage(response: Response, problem: Problem): void {
  const heading = HEADINGS[problem.code] ?? 'Signing in did not work';
  response
    .status(problem.status)
    .setHeader('Content-Security-Policy', POLICY)
    .setHeader('Cache-Control', 'no-store')
    // The address of this page holds a code and a state.
    .setHeader('Referrer-Policy', 'no-referrer')
    .type('html')
    .send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${heading} – Hackonomics</title><style>${STYLE}</style></head>` +
        `<body><main><h1>${heading}</h1><p>${problem.detail}</p><a href="/">Back to the start</a><small>Request ${problem.requestId}</small></main></body></html>`,
    );
}
