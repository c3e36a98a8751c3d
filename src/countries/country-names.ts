import { DEFAULT_LOCALE } from './accept-language.js';
import type { Country } from './country-facts.js';

/** Locales held in memory, each some 20 KB and half a millisecond to build: all that real visitors ask for. */
const REMEMBERED_LOCALES = 100;

export interface NamedCountry {
  readonly country: Country;
  readonly name: string;
}

/** The names of countries in the languages that ICU knows, each list in the order of its own alphabet. */
export class CountryNames {
  /** By resolved locale, the least recently asked first; null where ICU has the locale but hardly a name in it. */
  private readonly remembered = new Map<string, readonly NamedCountry[] | null>();
  private readonly english = regionNames(DEFAULT_LOCALE);

  constructor(private readonly countries: readonly Country[]) {}

  /** The first of these languages (canonical tags) that has names, as ICU resolves it (`ko-XX` is `ko`); else English. */
  localeFor(languages: readonly string[]): string {
    for (const language of languages) {
      const locale = resolve(language);
      if (locale !== undefined && this.recall(locale) !== null) return locale;
    }
    return DEFAULT_LOCALE;
  }

  /** Every country by its name in the language, sorted; in English where the language has no names. */
  sorted(language: string): readonly NamedCountry[] {
    const named = this.recall(this.localeFor([language]));
    if (named === null) throw new Error('the runtime has no English country names');
    return named;
  }

  private recall(locale: string): readonly NamedCountry[] | null {
    const known = this.remembered.get(locale);
    const named = known === undefined ? this.build(locale) : known;
    this.remembered.delete(locale);
    this.remembered.set(locale, named);
    const [oldest] = this.remembered.keys();
    if (this.remembered.size > REMEMBERED_LOCALES && oldest !== undefined) this.remembered.delete(oldest);
    return named;
  }

  private build(locale: string): readonly NamedCountry[] | null {
    const own = regionNames(locale);
    const translated = this.countries.filter(({ code }) => own.of(code) !== undefined).length;
    // Some locales (Greenlandic, Manx) are known to ICU for their numbers only.
    if (translated < this.countries.length / 2) return null;
    const { compare } = new Intl.Collator(locale);
    return this.countries
      .map((country) => ({ country, name: own.of(country.code) ?? this.english.of(country.code) ?? country.code }))
      .sort((one, other) => compare(one.name, other.name));
  }
}

function resolve(language: string): string | undefined {
  const [supported] = Intl.DisplayNames.supportedLocalesOf([language]);
  return supported === undefined ? undefined : regionNames(supported).resolvedOptions().locale;
}

function regionNames(locale: string): Intl.DisplayNames {
  return new Intl.DisplayNames([locale], { type: 'region', fallback: 'none' });
}
