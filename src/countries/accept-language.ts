/** Bounds on the work that a header can ask for. Browsers send under 200 characters and a handful of languages. */
const LONGEST_HEADER = 1000;
const MOST_LANGUAGES = 20;

export const DEFAULT_LOCALE = 'en';

/**
 * The languages of an `Accept-Language` header as canonical BCP 47 tags, the best liked first; `*` stands for English.
 * Whatever is malformed, refused (`q=0`) or beyond the bounds is passed over; never throws. Source: RFC 9110, 12.5.4.
 */
export function preferredLanguages(header: string | undefined): string[] {
  if (header === undefined || header.length > LONGEST_HEADER) return [];
  return header
    .split(',')
    .map(parseRange)
    .filter((range) => range !== undefined)
    .filter((range) => range.quality > 0)
    .sort((one, other) => other.quality - one.quality)
    .slice(0, MOST_LANGUAGES)
    .map((range) => canonicalTag(range.language))
    .filter((tag) => tag !== undefined);
}

function parseRange(text: string): { language: string; quality: number } | undefined {
  const match = /^\s*(\*|[A-Za-z0-9-]+)\s*(?:;\s*[qQ]=([01](?:\.\d*)?)\s*)?$/.exec(text);
  const [, language, weight = '1'] = match ?? [];
  if (language === undefined || Number(weight) > 1) return undefined;
  return { language: language === '*' ? DEFAULT_LOCALE : language, quality: Number(weight) };
}

/** Without extensions: they ask for calendars and the like, which names do not have. */
function canonicalTag(language: string): string | undefined {
  try {
    return new Intl.Locale(language).baseName;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // not a well-formed tag
    throw error;
  }
}
