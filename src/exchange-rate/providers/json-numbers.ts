/** A JSON number as it was written: `1.10` stays `1.10`, where a JavaScript number would be 1.1. */
export class JsonNumber {
  constructor(readonly source: string) {}
}

/** `JSON.parse`, with every number as {@link JsonNumber}. Throws SyntaxError, whose message quotes the text. */
export function parseKeepingNumbers(text: string): unknown {
  return JSON.parse(text, keepNumber);
}

/** The third argument is ECMAScript 2026 (JSON.parse source text access); TypeScript's library lacks it. */
function keepNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number') return value;
  return new JsonNumber(context?.source ?? String(value));
}

/** The object's own fields, or undefined where the value is no JSON object. */
export function jsonObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
  return isObject ? (value as Record<string, unknown>) : undefined;
}
