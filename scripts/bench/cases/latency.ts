import { setTimeout as wait } from 'node:timers/promises'
import type { Case } from '../case.ts'
import { figure, percentile } from '../figures.ts'
import { withPartner } from '../partner.ts'
import { checkPayments, inPlace } from '../place.ts'
import { withBareCommits, withFloor } from '../rivals.ts'
import { post, roadOf } from '../road.ts'

const payments = 400
const warmUps = 100
/** Long enough that Giro has recorded the partner's answer before the next payment comes. */
const restMs = 8

/**
 * The road of one payment while nothing else happens, from the bank's POST to the partner's
 * receipt; beside it, in turn, its parts alone: one Express POST, two commits, one client POST.
 */
const latency: Case = ({ on, say }) =>
  withPartner((partner) =>
    inPlace(on, { partnerUrl: partner.url }, async (place) => {
      await place.whole()
      await place.ready()
      const length = await place.firstPayment()
      await partner.hearing(1)
      partner.forget()
      return withBareCommits({ host: on, databaseUrl: place.databaseUrl }, (bare) =>
        withFloor(length, async (floorUrl) => {
          const road: number[] = []
          const parts: number[] = []
          for (let i = 1; i <= warmUps + payments; i += 1) {
            if (i % 100 === 0) say(`${i} of ${warmUps + payments} payments`)
            road.push(await roadOf(`${place.url}/africa_bank`, partner))
            await wait(restMs)
            const commitsMs = (await bare.once()) + (await bare.once())
            parts.push((await post(floorUrl)) + commitsMs + (await post(partner.url)))
            partner.forget()
            await wait(restMs)
          }
          await checkPayments(place, road.length + 1)
          await place.booksBalance()
          return compared(road.slice(warmUps), parts.slice(warmUps))
        }),
      )
    }),
  )

function compared(road: number[], parts: number[]) {
  return [50, 99].flatMap((percent) => {
    const ours = percentile(road, percent)
    const sum = percentile(parts, percent)
    return [
      figure(`parts alone, p${percent}`, 'ms', [sum]),
      figure(`bank to partner, p${percent}`, 'ms', [ours]),
      figure(`road ÷ parts, p${percent}`, 'ratio', [ours / sum], { atMost: 3 }),
    ]
  })
}

export default latency
