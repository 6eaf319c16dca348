import type { Row } from '../platform/database/index.ts'
import type { NewId } from '../platform/id.ts'
import type { warnings } from './schema.ts'

/** Who is told of a route that fails: who runs Giro, and whom its partner has named. */
const recipients = ['operator', 'contact'] as const

export type Recipient = (typeof recipients)[number]

export type Warning = Row<typeof warnings>

type Said = Omit<Warning, 'id' | 'recipient' | 'createDate' | 'dueDate'>

/** One for each recipient: what one mail server does not take now holds up nobody else. */
export function newWarnings(said: Said, newId: NewId, now: number): Warning[] {
  return recipients.map((recipient) => ({
    ...said,
    id: newId('wrn'),
    recipient,
    createDate: now,
    dueDate: now,
  }))
}

const units: [name: string, ms: number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

/** A length of time in its largest unit that says it exactly: `5 days`. */
export function lengthText(ms: number): string {
  const [name, unit] = units.find(([, length]) => ms >= length && ms % length === 0) ?? [
    'second',
    1000,
  ]
  return `${ms / unit} ${name}${ms === unit ? '' : 's'}`
}
