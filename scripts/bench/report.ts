import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { Figure } from './figures.ts'
import type { DatabaseName } from './host.ts'

/** What a case found, or why its work was not right. */
export type Ran = { case: string; on: DatabaseName; figures: Figure[]; failure: string | null }
type Machine = { node: string; cores: number; cpu: string }

export function drawn(ran: Ran[], { node, cores, cpu }: Machine): string {
  const head = ['case', 'on', 'what', 'median', 'spread', 'unit', 'target', '']
  const colAligns = ['left', 'left', 'left', 'right', 'right', 'left', 'right', 'left'] as const
  const style = process.stdout.isTTY
    ? { head: ['bold'], border: ['dim'] }
    : { head: [], border: [] }
  const chars = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }
  const table = new Table({ head, style, chars, colAligns: [...colAligns] })
  for (const { case: name, on, figures } of ran)
    for (const one of figures) table.push([name, on, ...cells(one)])
  const failures = ran.filter(({ failure }) => failure !== null)
  const about = `Node ${node} on ${cores} cores (${cpu}), load and floors on the same machine`
  const wrong = failures.map((one) => coloured('red', `${one.case} on ${one.on}: ${one.failure}`))
  return [...(table.length > 0 ? [`${table}`] : []), about, ...wrong].join('\n')
}

function cells(one: Figure): string[] {
  const { name, unit, median, least, most, rounds, target, met } = one
  const spread = rounds > 1 ? `${rounded(least)} … ${rounded(most)}` : ''
  if (!target) return [name, rounded(median), spread, unit, '', '']
  const bound = 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`
  const verdict = met ? coloured('green', 'met') : coloured('red', 'missed')
  return [name, rounded(median), spread, unit, bound, verdict]
}

/** Three digits, as far as they say something. */
function rounded(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toPrecision(3)
}

function coloured(colour: 'red' | 'green', text: string): string {
  return styleText(colour, text, { stream: process.stdout })
}
