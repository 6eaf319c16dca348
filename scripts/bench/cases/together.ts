import { type Case, inRounds } from '../case.ts'
import { untilNone } from '../delivered.ts'
import { figure, ratios } from '../figures.ts'
import { load, loadFor, warmDoor } from '../load.ts'
import { type Partner, withPartner } from '../partner.ts'
import { checkPayments, inPlace, type Place } from '../place.ts'
import { withFloor } from '../rivals.ts'

const connections = 64

/**
 * Payments a second from end to end: posted at full speed while the payment processor tells the
 * partner, from the first notice to the last webhook; beside an Express route that only answers.
 */
const together: Case = ({ on, seconds, rounds, say }) =>
  withPartner((partner) =>
    inPlace(on, { partnerUrl: partner.url }, async (place) => {
      say('warming up')
      await place.manage('serve')
      await place.ready()
      const length = await place.firstPayment()
      return withFloor(length, async (floorUrl) => {
        const floor = await warmDoor(floorUrl, connections)
        const door = { ...floor, url: `${place.url}/africa_bank`, rate: 0, accepted: 1 }
        await load(door, connections * 60)
        await place.manage('run-payment-processor')
        await settled(place)
        const floors: number[] = []
        const rates: number[] = []
        await inRounds(rounds, async (round) => {
          say(`round ${round} of ${rounds}`)
          floors.push((await loadFor(floor, seconds)).rate)
          rates.push(await rateOfRoad(place, partner, { door, seconds }))
        })
        await checkPayments(place, door.accepted)
        await place.booksBalance()
        return [
          figure('Express that only answers', 'per second', floors),
          figure('payments taken in and told', 'per second', rates),
          figure('taken in and told ÷ Express', 'ratio', ratios(rates, floors), { atLeast: 0.2 }),
        ]
      })
    }),
  )

type Loading = { door: Parameters<typeof load>[0]; seconds: number }

async function rateOfRoad(place: Place, partner: Partner, { door, seconds }: Loading) {
  const count = Math.ceil(door.rate * seconds)
  partner.forget()
  const hearing = partner.hearing(count)
  const began = process.hrtime.bigint()
  await load(door, count)
  const { lastAt } = await hearing
  await settled(place)
  return count / (Number(lastAt - began) / 1e9)
}

/** Everything told, recorded and archived: no round works for the one before it. */
async function settled(place: Place): Promise<void> {
  await untilNone(place, `SELECT COUNT(*) FROM payments WHERE status = 'received'`)
  await untilNone(place, 'SELECT proofs FROM spool_totals')
}

export default together
