import { createHash } from 'node:crypto';
import { escapeHtml } from './html.js';
import { STYLE } from './style.js';

export interface Page {
  readonly headers: Readonly<Record<string, string>>;
  readonly html: string;
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * A page of the development sign-in: no script, no foreign origin, never framed, never stored.
 * @param formTargets for a page with forms, the origins to which their answers may lead on: browsers hold `form-action` against every
 *   redirect that follows the post, down to the front end that began the sign-in
 */
export function page(title: string, body: string, formTargets?: readonly string[]): Page {
  const policy = [
    `default-src 'none'`,
    `style-src 'sha256-${STYLE_HASH}'`,
    `form-action ${formTargets === undefined ? `'none'` : [`'self'`, ...formTargets].join(' ')}`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ');
  return {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      // With no referrer at all, browsers would send `Origin: null` with the form.
      'Referrer-Policy': 'same-origin',
    },
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} – Hackonomics</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`,
  };
}

/** One sentence and the way back: our own words alone, nothing of the request. */
export function messagePage(heading: string, sentence: string, startUrl: string): Page {
  return page(
    heading,
    `<h1>${escapeHtml(heading)}</h1>
<p>${escapeHtml(sentence)}</p>
<p><a class="primary" href="${escapeHtml(startUrl)}">Back to the start</a></p>`,
  );
}
