import { setTimeout as wait } from 'node:timers/promises'
import { freshBucket } from '../bucket.ts'
import { type Case, inRounds, type Options } from '../case.ts'
import { type Figure, figure } from '../figures.ts'
import { load } from '../load.ts'
import { checkPayments, inPlace, type Place } from '../place.ts'

const backlog = 6000

/** How quickly the payment processor moves a backlog of proofs into a folder, and into a bucket. */
const archive: Case = async (options) => {
  const folder = { name: 'a folder', settings: {}, atLeast: 2000 }
  const { S3_URL: server } = process.env
  if (server === undefined) return [await moving(options, folder)]
  const bucket = { name: 'a bucket', settings: await freshBucket(server), atLeast: 400 }
  return [await moving(options, folder), await moving(options, bucket)]
}

type Store = { name: string; settings: Record<string, string>; atLeast: number }

function moving({ on, rounds, say }: Options, { name, settings, atLeast }: Store): Promise<Figure> {
  return inPlace(on, { settings }, async (place) => {
    const door = { url: `${place.url}/africa_bank`, connections: 64, rate: 0, accepted: 0 }
    const rates: number[] = []
    await inRounds(rounds, async (round) => {
      say(`to ${name}, round ${round} of ${rounds}`)
      await place.manage('serve')
      await place.ready()
      await load(door, backlog)
      await place.stop()
      await place.manage('run-payment-processor')
      rates.push(await rateOfMoving(place))
      await place.stop()
    })
    await place.proofsAreKept()
    await checkPayments(place, door.accepted)
    await place.booksBalance()
    return figure(`proofs moved to ${name}`, 'per second', rates, { atLeast })
  })
}

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
