/** What a country can be found by. */
export interface Searchable {
  code: string;
  currency: string | null;
  /** Whether there is a rate to chart: of two that match alike, "Korea" means the one that has. */
  charted: boolean;
  /** Names of the country and of its currency, in every language that should find it. */
  names: readonly string[];
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

/** 0 best; null: no match. An exact code first, then names that begin with the text, then words, then parts. */
function rankOf(country: Searchable, wanted: string): number | null {
  if (fold(country.code) === wanted || fold(country.currency ?? '') === wanted) return 0;
  const names = country.names.map(fold);
  if (names.some((name) => name.startsWith(wanted))) return 1;
  if (names.some((name) => name.split(/[\s(-]+/).some((word) => word.startsWith(wanted)))) return 2;
  return names.some((name) => name.includes(wanted)) ? 3 : null;
}

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
