import { setTimeout as wait } from 'node:timers/promises'
import { type Case, check, inRounds } from '../case.ts'
import { figure, ratios } from '../figures.ts'
import { load } from '../load.ts'
import { withPartner } from '../partner.ts'
import { checkPayments, inPlace, type Place } from '../place.ts'
import type { Looped } from '../programs/loop.ts'
import { startProgram } from '../started.ts'

const backlog = 6000
const concurrency = 50

/** Far enough away that nothing is due before the backlog is whole. */
const settings = { DELIVERY_SCHEDULE: '36000', DELIVERY_CONCURRENCY: `${concurrency}` }

/** How quickly a due backlog reaches a partner, beside a bare loop that signs and POSTs as many. */
const delivery: Case = ({ on, rounds, say }) =>
  withPartner((partner) =>
    inPlace(on, { partnerUrl: partner.url, settings }, async (place) => {
      await place.manage('serve')
      await place.manage('run-payment-processor')
      await place.ready()
      const door = { url: `${place.url}/africa_bank`, connections: 64, rate: 0, accepted: 0 }
      const floors: number[] = []
      const rates: number[] = []
      await inRounds(rounds, async (round) => {
        say(`round ${round} of ${rounds}`)
        floors.push(await rateOfLoop(partner.url))
        await load(door, backlog)
        await untilNone(place, 'SELECT proofs FROM spool_totals')
        partner.forget()
        await makeDue(place)
        const { received, distinct, firstAt, lastAt } = await partner.hearing(backlog)
        check(distinct === received, `${received} webhooks with ${distinct} ids`)
        rates.push((distinct - 1) / (Number(lastAt - firstAt) / 1e9))
        await untilNone(place, `SELECT COUNT(*) FROM payments WHERE status <> 'notified'`)
      })
      await checkPayments(place, door.accepted)
      await place.booksBalance()
      return [
        figure('a bare loop that signs and POSTs', 'per second', floors),
        figure('webhooks delivered', 'per second', rates),
        figure('delivery ÷ bare loop', 'ratio', ratios(rates, floors), { atLeast: 0.4 }),
      ]
    }),
  )

/** Steps out of Giro's way once: the whole backlog is due in the same moment. */
async function makeDue({ run }: Place): Promise<void> {
  await run(`UPDATE deliveries SET due_date = 0 WHERE status = 'pending'`)
}

async function rateOfLoop(url: string): Promise<number> {
  const args = [JSON.stringify({ url, concurrency, count: backlog })]
  const loop = startProgram('./programs/loop.ts', { args })
  const { seconds } = await loop.answer<Looped>()
  await loop.stop()
  return backlog / seconds
}

async function untilNone({ ask }: Place, query: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if ((await ask(query)) === 0) return
    await wait(50)
  }
  throw new Error(`the payment processor does not get done: ${query}`)
}

export default delivery
