import { setTimeout as wait } from 'node:timers/promises'
import { type Case, inRounds } from '../case.ts'
import { figure } from '../figures.ts'
import { inPlace, nowhere } from '../place.ts'
import { residentMegabytes } from '../resident.ts'

const restMs = 3000

/** What `serve` holds in memory when it has taken a first payment and then rests. */
const memory: Case = ({ on, rounds, say }) =>
  inPlace(on, { partnerUrl: nowhere }, async (place) => {
    const sizes: number[] = []
    const tries = Math.min(rounds, 3)
    await inRounds(tries, async (round) => {
      say(`round ${round} of ${tries}`)
      const { pid } = await place.manage('serve')
      await place.ready()
      await place.firstPayment()
      await wait(restMs)
      sizes.push(residentMegabytes(pid))
      await place.stop()
    })
    await place.booksBalance()
    return [figure('serve at rest', 'MB', sizes, { atMost: 150 })]
  })

export default memory
