/** Flag emoji of an ISO 3166-1 alpha-2 code: its two letters as regional indicators. */
export function flagEmoji(code: string): string {
  return [...code.toUpperCase()].map((letter) => String.fromCodePoint(0x1f1a5 + letter.charCodeAt(0))).join('');
}
