/** Lines as RFC 4180 has them: CRLF at the end of each, the first with the names of the columns. */
export function csv(lines: string[][]): string {
  return lines.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')
}

/**
 * Spreadsheets compute what begins like a formula, also in quotes; with an apostrophe before it
 * they take it for text. Blanks before it are passed over by some.
 */
const formula = /^\s*[=+\-@\t\r\n\uFF0B\uFF0D\uFF1D\uFF20]/

function cell(value: string): string {
  const text = formula.test(value) ? `'${value}` : value
  return /[",;\r\n\t']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
