/** In our order of preference, where the caller likes several equally well. */
export const CODINGS = ['br', 'gzip'] as const;
export type Coding = (typeof CODINGS)[number];

/** Clients send a few dozen different headers in all; each is read once. */
const REMEMBERED = 200;
const LONGEST_HEADER = 300;
const remembered = new Map<string, Coding | undefined>();

/**
 * The coding that the caller likes best by its `Accept-Encoding`; undefined: none, the bytes as they are. What is
 * malformed counts as not said. Source: RFC 9110, 12.5.3.
 */
export function chosenCoding(header: string | undefined): Coding | undefined {
  if (header === undefined || header.length > LONGEST_HEADER) return undefined;
  if (remembered.has(header)) return remembered.get(header);
  const coding = choose(header);
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(header, coding);
  return coding;
}

function choose(header: string): Coding | undefined {
  const said = new Map(header.split(',').map(parse));
  // Said of nothing else, `*` is said of it; as it is, it is the last resort unless the caller ranks it.
  const quality = (coding: Coding) => said.get(coding) ?? said.get('*') ?? 0;
  const [best] = CODINGS.filter((coding) => quality(coding) > 0).sort((a, b) => quality(b) - quality(a));
  if (best === undefined) return undefined;
  return quality(best) >= (said.get('identity') ?? 0) ? best : undefined;
}

function parse(part: string): [name: string, quality: number] {
  const match = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i.exec(part);
  if (match === null) return ['', 0];
  const [, name = '', quality = '1'] = match;
  const coding = name.toLowerCase();
  return [coding === 'x-gzip' ? 'gzip' : coding, Number(quality)];
}
