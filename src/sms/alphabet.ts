/** The default alphabet of GSM 03.38, without its ESC, which only begins two of a kind. */
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'

/** What is written as ESC and another: two septets, which must stay together. */
const extension = '\f^{}\\[~]|€'

const septets = new Map([
  ...[...basic].map((one) => [one, 1] as const),
  ...[...extension].map((one) => [one, 2] as const),
])

/** How many septets a character takes; undefined where the alphabet has it not. */
export function septetsOf(character: string): number | undefined {
  return septets.get(character)
}

/** What typesetting made of plain characters, and what a phone would show as one. */
const plain: [RegExp, string][] = [
  [/[\u2018\u2019\u201A\u201B\u2032\u00B4`]/g, "'"],
  [/[\u201C\u201D\u201E\u201F\u2033\u00AB\u00BB]/g, '"'],
  [/[\u2010-\u2015\u2212\u00AD]/g, '-'],
  [/\u2026/g, '...'],
  [/[\u2022\u00B7]/g, '.'],
]

/** Turns text to the left or the right: harmless in a book, a disguise in a message. */
const turning = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g

/** Text of others on one line, in the alphabet as far as that says the same. */
export function tidied(text: string): string {
  const typed = plain.reduce((said, [pattern, by]) => said.replaceAll(pattern, by), text)
  return typed
    .replaceAll(turning, '')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
}
