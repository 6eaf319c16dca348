import { type Case, inRounds } from '../case.ts'
import { figure, percentile, ratios } from '../figures.ts'
import { loadFor, warmDoor } from '../load.ts'
import { checkPayments, inPlace, nowhere } from '../place.ts'
import { withBareCommits, withFloor } from '../rivals.ts'

const commitsARound = 500

/** Intake of one bank that waits for each answer, beside one Express answer and one bare commit. */
const intakeOne: Case = ({ on, seconds, rounds, say }) =>
  inPlace(on, { partnerUrl: nowhere }, async (place) => {
    say('warming up')
    await place.manage('serve')
    await place.ready()
    const length = await place.firstPayment()
    return withBareCommits({ host: on, databaseUrl: place.databaseUrl }, (bare) =>
      withFloor(length, async (floorUrl) => {
        const floor = await warmDoor(floorUrl, 1)
        const giro = await warmDoor(`${place.url}/africa_bank`, 1)
        const floors: number[] = []
        const commits: number[] = []
        const sequences: number[] = []
        const rates: number[] = []
        await inRounds(rounds, async (round) => {
          say(`round ${round} of ${rounds}`)
          const { rate } = await loadFor(floor, seconds)
          const commitMs = await medianOf(commitsARound, bare.once)
          floors.push(rate)
          commits.push(commitMs)
          sequences.push(1 / (1 / rate + commitMs / 1000))
          rates.push((await loadFor(giro, seconds)).rate)
        })
        await checkPayments(place, giro.accepted + 1)
        await place.booksBalance()
        return [
          figure('Express that only answers', 'per second', floors),
          figure('one bare commit of the same rows', 'ms', commits),
          figure('both in sequence', 'per second', sequences),
          figure('durable intake', 'per second', rates),
          figure('intake ÷ both in sequence', 'ratio', ratios(rates, sequences), { atLeast: 0.6 }),
        ]
      }),
    )
  })

async function medianOf(count: number, once: () => Promise<number>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < count; i += 1) times.push(await once())
  return percentile(times, 50)
}

export default intakeOne
