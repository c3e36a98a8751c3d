/** What a device says of itself, as far as that tells anything. */
export interface DeviceKind {
  browser: string | null;
  system: string | null;
}

/** The first that matches: most browsers claim to be Chrome and Safari as well, and phones to be Linux or a Mac. */
const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|Opera|OPiOS)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bWhale\//, 'Whale'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|HeadlessChrome|Chromium|CriOS)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
];

const SYSTEMS: readonly [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b|\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

const firstOf = (list: readonly [RegExp, string][], text: string): string | null =>
  list.find(([pattern]) => pattern.test(text))?.[1] ?? null;

/** Browser and system behind a `User-Agent`, without versions, which say less every year. A program tells its own name. */
export function deviceKind(userAgent: string | null): DeviceKind {
  const text = userAgent ?? '';
  const program = text.startsWith('Mozilla/') ? null : (/^([a-z][\w.-]{0,39})\/\d/i.exec(text)?.[1] ?? null);
  return { browser: firstOf(BROWSERS, text) ?? program, system: firstOf(SYSTEMS, text) };
}
