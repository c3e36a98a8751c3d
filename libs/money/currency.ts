/** An ISO 4217 code in upper case. Being one says nothing about whether we have rates for it. */
export type CurrencyCode = string & { readonly __currencyCode: unique symbol };

/** The code in upper case, or undefined where the text is not three letters. */
export function parseCurrencyCode(text: string): CurrencyCode | undefined {
  return /^[A-Za-z]{3}$/.test(text) ? (text.toUpperCase() as CurrencyCode) : undefined;
}

/** As {@link parseCurrencyCode}, for codes that our own code vouches for. Throws RangeError otherwise. */
export function currencyCode(text: string): CurrencyCode {
  const code = parseCurrencyCode(text);
  if (code === undefined) throw new RangeError(`not a currency code: ${text}`);
  return code;
}
