/** Numbers, dates and names as the visitor's locale writes them. Pure: no DOM, the locale is given. */

/** Intl knows Kosovo and every ISO code; an unknown or malformed one shows as itself. */
function displayName(
  locale: string,
  type: 'region' | 'currency',
  code: string,
  style: 'long' | 'short' = 'long',
): string {
  try {
    return new Intl.DisplayNames([locale], { type, style, fallback: 'code' }).of(code) ?? code;
  } catch {
    return code;
  }
}

export class Formats {
  /** Making an Intl format costs far more than using it, and a table has a thousand cells. */
  private readonly numbers = new Map<string, Intl.NumberFormat>();
  private readonly dates = new Map<string, Intl.DateTimeFormat>();

  constructor(readonly locale: string) {}

  /** 1489.95 → "1,489.95", always with that many decimals. */
  rate(value: number, decimals: number): string {
    return this.number(value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }

  /** A change with its sign, also "+"; zero has none. The minus is the locale's own. */
  signed(value: number, decimals: number): string {
    return this.number(value, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
      signDisplay: 'exceptZero',
    });
  }

  /** 3.21 → "+3.21%"; the value is in percent already. */
  percent(value: number): string {
    return this.number(value / 100, {
      style: 'percent',
      minimumFractionDigits: 2,
      maximumFractionDigits: 2,
      signDisplay: 'exceptZero',
    });
  }

  /** A plain date, "2026-04-13" → "April 13, 2026"; text that is no date shows as itself. */
  date(plainDate: string, style: 'long' | 'medium' = 'long'): string {
    const day = new Date(`${plainDate}T00:00:00Z`);
    if (Number.isNaN(day.getTime())) return plainDate;
    let format = this.dates.get(style);
    if (!format) {
      format = new Intl.DateTimeFormat(this.locale, { dateStyle: style, timeZone: 'UTC' });
      this.dates.set(style, format);
    }
    return format.format(day);
  }

  /** Seconds in the unit that a person would use, rounded up: 40 → "40 seconds", 61 → "2 minutes". */
  duration(seconds: number): string {
    const [unit, length] = seconds > 5_400 ? ['hour', 3_600] : seconds > 60 ? ['minute', 60] : ['second', 1];
    return this.number(Math.max(1, Math.ceil(seconds / length)), { style: 'unit', unit, unitDisplay: 'long' });
  }

  /** "KRW" → "South Korean won" */
  currencyName(code: string): string {
    return displayName(this.locale, 'currency', code);
  }

  countryName(code: string): string {
    return displayName(this.locale, 'region', code);
  }

  /** The name of everyday speech where there is one: "한국" for "대한민국", "UK" for "United Kingdom". */
  shortCountryName(code: string): string {
    return displayName(this.locale, 'region', code, 'short');
  }

  private number(value: number, options: Intl.NumberFormatOptions): string {
    const key = JSON.stringify(options);
    let format = this.numbers.get(key);
    if (!format) {
      format = new Intl.NumberFormat(this.locale, options);
      this.numbers.set(key, format);
    }
    return format.format(value);
  }
}
