const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "3 minutes ago", "yesterday", "in 2 months", as seen at `now` (ms). Within a minute, or ahead by clocks that differ: "now". */
export function relative(locale: string, timestamp: string, now: number): string {
  const seconds = (Date.parse(timestamp) - now) / 1_000;
  const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', Infinity] as const);
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.trunc(seconds / length) + 0, unit);
}

/** "Nov 22, 2026, 8:50 PM" in the visitor's own time zone. */
export function exact(locale: string, timestamp: string, style: 'minute' | 'day' = 'minute'): string {
  const timeStyle = style === 'minute' ? 'short' : undefined;
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle }).format(new Date(timestamp));
}
