import { readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { type Case, check, inRounds } from '../case.ts'
import { figure } from '../figures.ts'
import { load } from '../load.ts'
import { checkPayments, inPlace, type Place } from '../place.ts'

const backlog = 6000

/** How quickly the payment processor moves a backlog of proofs into a folder. */
const archive: Case = ({ on, rounds, say }) =>
  inPlace(on, {}, async (place) => {
    const door = { url: `${place.url}/africa_bank`, connections: 64, rate: 0, accepted: 0 }
    const rates: number[] = []
    await inRounds(rounds, async (round) => {
      say(`round ${round} of ${rounds}`)
      await place.manage('serve')
      await place.ready()
      await load(door, backlog)
      await place.stop()
      await place.manage('run-payment-processor')
      rates.push(await rateOfMoving(place))
      await place.stop()
    })
    const files = readdirSync(place.proofs, { recursive: true }).map(String)
    const kept = files.filter((file) => file.endsWith('.bin')).length
    check(kept === door.accepted, `${door.accepted} times 201, but ${kept} proofs in the folder`)
    await checkPayments(place, kept)
    await place.booksBalance()
    return [figure('proofs moved to a folder', 'per second', rates, { atLeast: 2000 })]
  })

/** From the first proof that leaves the spool to the last. */
async function rateOfMoving({ ask }: Place): Promise<number> {
  const leftNow = () => ask('SELECT proofs FROM spool_totals')
  let left = await leftNow()
  for (; left === backlog; left = await leftNow()) await wait(1)
  const first = { left, at: performance.now() }
  for (; left > 0; left = await leftNow()) await wait(5)
  return first.left / ((performance.now() - first.at) / 1000)
}

export default archive
