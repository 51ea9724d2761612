/** What a secret has at least: a text in small letters, which stand for capitals too, or the digits of a card number. */
export type HintText = string | typeof card
export const card = Symbol('as many digits as a card number has')

/** Escapes that can hide a letter of a hint. */
export const escapesThatHide = ['\\u', '\\/'] as const
export const hides = /\\[u/]/

/** The pattern is made of the texts: what one lane finds, the other one finds. */
export function hintedBy(texts: readonly string[]): { hint: RegExp; hintTexts: readonly string[] } {
  const escaped = texts.map((text) => text.replaceAll(/[.\-/]/g, '\\$&'))
  return { hint: new RegExp(escaped.join('|'), 'i'), hintTexts: texts }
}
