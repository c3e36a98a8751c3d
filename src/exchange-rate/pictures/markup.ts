/** A piece of XML whose text and attributes are escaped already. */
export class Markup {
  constructor(private readonly xml: string) {}

  toString(): string {
    return this.xml;
  }
}

type Attributes = Readonly<Record<string, string | number>>;

/** One element. Text and attribute values are escaped here, so that nothing that comes from data can be markup. */
export function element(name: string, attributes: Attributes, ...children: readonly (Markup | string)[]): Markup {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const inner = children.map((child) => (child instanceof Markup ? child.toString() : escaped(child))).join('');
  return new Markup(`<${name}${written.join('')}${inner === '' ? '/>' : `>${inner}</${name}>`}`);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** What XML 1.0 has no way to write: most control characters, halves of pairs, two that are no characters. */
const UNWRITABLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

function escaped(text: string): string {
  return text.replace(UNWRITABLE, '\u{FFFD}').replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
