/** The product's own colours and type, in both themes; every pair of colours meets WCAG AA. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --background: light-dark(#fbfbf9, #101413);
  --surface: light-dark(#ffffff, #171d1b);
  --ink: light-dark(#12201d, #edf2f0);
  --muted: light-dark(#56625f, #a0aeaa);
  --line: light-dark(#e2e6e3, #28312e);
  --line-strong: light-dark(#879491, #6c7a76);
  --accent: light-dark(#0b6b5d, #5fd0b8);
  --accent-strong: light-dark(#084f45, #8ce3d0);
  --accent-soft: light-dark(#e5f1ee, #16302a);
  --on-accent: light-dark(#ffffff, #06231d);
  --danger: light-dark(#a4161a, #ffb3ab);
}
*, *::before, *::after { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 2rem 1rem; display: grid; place-items: center;
  background: var(--background); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans KR', sans-serif;
}
main { width: 100%; max-width: 27rem; }
h1, h2 { line-height: 1.2; letter-spacing: -0.02em; font-weight: 600; text-wrap: balance; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 2rem 0 .75rem; }
p { margin: 0 0 1rem; }
.lead, .hint { color: var(--muted); }
.hint { font-size: .875rem; margin: .25rem 0 0; }
.problem { color: var(--danger); font-size: .875rem; margin: .25rem 0 0; }
ul { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); overflow: hidden; }
li + li { border-top: 1px solid var(--line); }
button, input { font: inherit; color: inherit; }
.account { display: block; width: 100%; padding: .75rem 1rem; border: 0; background: none; text-align: start; cursor: pointer; overflow-wrap: anywhere; }
.account:hover { background: var(--accent-soft); }
.account span { display: block; color: var(--muted); font-size: .875rem; }
.account strong { font-weight: 600; }
.account .mark { color: var(--danger); }
.field { margin-bottom: 1rem; }
label { display: block; font-weight: 600; margin-bottom: .25rem; }
input[type='text'] { width: 100%; padding: .6rem .75rem; border: 1px solid var(--line-strong); border-radius: 8px; background: var(--surface); }
input[aria-invalid] { border-color: var(--danger); }
.check { display: flex; gap: .5rem; align-items: baseline; font-weight: 400; margin-bottom: 1.25rem; }
input[type='checkbox'] { accent-color: var(--accent); }
.primary { display: inline-block; padding: .6rem 1.25rem; border: 0; border-radius: 8px; background: var(--accent); color: var(--on-accent); font-weight: 600; text-decoration: none; cursor: pointer; }
.primary:hover { background: var(--accent-strong); }
.quiet { padding: .6rem 0; border: 0; background: none; color: var(--accent); text-decoration: underline; text-underline-offset: .2em; cursor: pointer; }
.cancel { margin-top: 1rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.account:focus-visible { outline-offset: -2px; border-radius: 12px; }
`;
