import { readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { type Case, check, inRounds } from '../case.ts'
import { figure } from '../figures.ts'
import { load } from '../load.ts'
import { countPayments, inPlace, type Place } from '../place.ts'

const backlog = 6000

/** How quickly the payment processor moves a backlog of proofs into a folder. */
const archive: Case = ({ rounds, say }) =>
  inPlace({}, async (place) => {
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
    check(countPayments(place.file) === kept, 'there are more payments or fewer than proofs')
    await place.booksBalance()
    return [figure('proofs moved to a folder', 'per second', rates, { atLeast: 2000 })]
  })

/** From the first proof that leaves the spool to the last. */
async function rateOfMoving({ file }: Place): Promise<number> {
  const connection = new Database(file, { readonly: true })
  const left = connection.prepare('SELECT proofs FROM spool_totals').pluck()
  const leftNow = () => left.get() as number
  while (leftNow() === backlog) await wait(1)
  const first = { left: leftNow(), at: performance.now() }
  while (leftNow() > 0) await wait(5)
  const seconds = (performance.now() - first.at) / 1000
  connection.close()
  return first.left / seconds
}

export default archive
