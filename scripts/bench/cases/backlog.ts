import { due } from '../backlog/due.ts'
import { lists } from '../backlog/lists.ts'
import { rates } from '../backlog/rates.ts'
import type { Case } from '../case.ts'

const few = 10_000

/** Giro beside what a long life leaves behind: stored payments, and deliveries nobody takes. */
const backlog: Case = async (options) => {
  const { say, payments } = options
  const sizes = { ...options, few: Math.min(few, payments), many: payments }
  const stored = await rates(sizes, (large) => {
    say('reading lists')
    return lists(large)
  })
  return [...stored, ...(await due(sizes))]
}

export default backlog
