/** What a country can be found by. */
export interface Searchable {
  code: string;
  currency: string | null;
  /** Whether there is a rate to chart: of two that match alike, "Korea" means the one that has. */
  charted: boolean;
  /** Names of the country, in every language that should find it. */
  names: readonly string[];
  currencyNames: readonly string[];
}

/** Lower case, without accents: "Côte d’Ivoire" is found by "cote d'ivoire". */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .normalize('NFC')
    .replace(/[’‘ʼ]/g, "'")
    .toLowerCase()
    .trim();
}

/** 0 best; null: no match. An exact code first, then the beginning of a country's name, of a word in it, of one in its currency's. */
function rankOf(country: Searchable, wanted: string): number | null {
  if (fold(country.code) === wanted || fold(country.currency ?? '') === wanted) return 0;
  const names = country.names.map(fold);
  const currencyNames = country.currencyNames.map(fold);
  const beginsWord = (name: string): boolean =>
    name.startsWith(wanted) || wordsOf(name).some((word) => word.startsWith(wanted));
  if (names.some((name) => name.startsWith(wanted))) return 1;
  if (names.some(beginsWord)) return 2;
  if (currencyNames.some(beginsWord)) return 3;
  return [...names, ...currencyNames].some((name) => name.includes(wanted)) ? 4 : null;
}

const wordsOf = (name: string): string[] => name.split(/[\s(-]+/);

/** The countries that the text finds, best first, charted ones before others, equals in the order given. Empty text finds all. */
export function searchCountries<T extends Searchable>(countries: readonly T[], text: string): T[] {
  const wanted = fold(text);
  if (wanted === '') return [...countries];
  return countries
    .map((country) => ({ country, rank: rankOf(country, wanted) }))
    .filter((found): found is { country: T; rank: number } => found.rank !== null)
    .sort((a, b) => a.rank - b.rank || Number(b.country.charted) - Number(a.country.charted))
    .map(({ country }) => country);
}
