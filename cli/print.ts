import { styleText } from 'node:util'
import Table from 'cli-table3'

export type Shown = Record<string, unknown>

/** A list: JSON for programs, a table for a person, lines with tabs between for a pipe. */
export function printList(rows: Shown[], columns: string[], { json }: { json?: boolean }): void {
  if (json) console.log(JSON.stringify(rows, null, 2))
  else if (process.stdout.isTTY) console.log(drawn(rows, columns))
  else for (const row of rows) console.log(columns.map((name) => plain(row[name])).join('\t'))
}

/**
 * Things that come one after another: JSON for programs, an object a line; columns for a person,
 * as wide as what came so far; lines with tabs between for a pipe.
 */
export function linePrinter(columns: string[], { json }: { json?: boolean }) {
  const widths = new Map<string, number>()
  const padded = (name: string, text: string) => {
    const width = Math.max(widths.get(name) ?? 0, text.length)
    widths.set(name, width)
    return coloured(name, text) + ' '.repeat(width - text.length)
  }
  return (row: Shown): void => {
    const cells = columns.map((name) => ({ name, text: plain(row[name]) }))
    if (json) console.log(JSON.stringify(row))
    else if (process.stdout.isTTY)
      console.log(cells.map(({ name, text }) => padded(name, text)).join('  '))
    else console.log(cells.map(({ text }) => text).join('\t'))
  }
}

/** One thing: JSON for programs, a line for each member otherwise. */
export function printOne(thing: Shown, { json }: { json?: boolean }): void {
  if (json) console.log(JSON.stringify(thing, null, 2))
  else printMembers(thing, '')
}

/** What was done; said to a person and on a pipe alike, and left out where JSON was asked for. */
export function say(sentence: string): void {
  console.log(sentence)
}

function drawn(rows: Shown[], columns: string[]): string {
  if (rows.length === 0) return styleText('dim', 'none')
  const table = new Table({ head: columns, style: { head: ['bold'], border: ['dim'] } })
  for (const row of rows) table.push(columns.map((name) => coloured(name, plain(row[name]))))
  return table.toString()
}

function printMembers(thing: Shown, indent: string): void {
  const width = Math.max(...Object.keys(thing).map((name) => name.length))
  for (const [name, value] of Object.entries(thing)) {
    if (Array.isArray(value) && value.some(isThing)) {
      console.log(`${indent}${name}`)
      value.forEach((one, i) => {
        console.log(`${indent}  ${i + 1}`)
        printMembers(one as Shown, `${indent}    `)
      })
    } else if (isThing(value)) {
      console.log(`${indent}${name}`)
      printMembers(value, `${indent}  `)
    } else console.log(`${indent}${name.padEnd(width)}  ${coloured(name, plain(value))}`)
  }
}

function isThing(value: unknown): value is Shown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Line ends and other controls in what a bank sent must not draw on the terminal. */
function plain(value: unknown): string {
  if (value === null || value === undefined) return '-'
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '·')
}

const colours = {
  notified: 'green',
  delivered: 'green',
  done: 'green',
  accepted: 'green',
  received: 'cyan',
  pending: 'cyan',
  running: 'cyan',
  sending: 'cyan',
  requeued: 'cyan',
  duplicate: 'cyan',
  canceled: 'yellow',
  unrouted: 'yellow',
  refused: 'yellow',
  unreadable: 'red',
  failed: 'red',
} as const

function coloured(name: string, text: string): string {
  const word = name === 'type' ? text.replace(/^.*\./, '') : text
  if (!['type', 'status', 'outcome', 'result'].includes(name) || !(word in colours)) return text
  return styleText(colours[word as keyof typeof colours], text, { stream: process.stdout })
}
