import { type Case, inRounds } from '../case.ts'
import { farSchedule, rateOfDelivery } from '../delivered.ts'
import { figure, ratios } from '../figures.ts'
import { withPartner } from '../partner.ts'
import { checkPayments, inPlace } from '../place.ts'
import type { Looped } from '../programs/loop.ts'
import { startProgram } from '../started.ts'

const backlog = 20_000
const concurrency = 200

const settings = { ...farSchedule, DELIVERY_CONCURRENCY: `${concurrency}` }

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
        rates.push(await rateOfDelivery({ place, partner, door, count: backlog }))
      })
      await checkPayments(place, door.accepted)
      await place.booksBalance()
      return [
        figure('a bare loop that signs and POSTs', 'per second', floors),
        figure('webhooks delivered', 'per second', rates),
        figure('delivery ÷ bare loop', 'ratio', ratios(rates, floors), {
          atLeast: on.name === 'sqlite' ? 0.5 : 0.4,
        }),
      ]
    }),
  )

async function rateOfLoop(url: string): Promise<number> {
  const args = [JSON.stringify({ url, concurrency, count: backlog })]
  const loop = startProgram('./programs/loop.ts', { args })
  const { seconds } = await loop.answer<Looped>()
  await loop.stop()
  return backlog / seconds
}

export default delivery
