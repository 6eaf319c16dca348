import { type Case, check, inRounds } from '../case.ts'
import { figure, percentile, ratios } from '../figures.ts'
import { loadFor, warmDoor } from '../load.ts'
import { countPayments, inPlace, nowhere } from '../place.ts'
import { bareCommits, withFloor } from '../rivals.ts'

const commitsARound = 500

/** Intake of one bank that waits for each answer, beside one Express answer and one bare commit. */
const intakeOne: Case = ({ seconds, rounds, say }) =>
  inPlace({ partnerUrl: nowhere }, async (place) => {
    say('warming up')
    await place.manage('serve')
    await place.ready()
    const length = await place.firstPayment()
    const bare = bareCommits(place.file, `${place.file}.bare`)
    return withFloor(length, async (floorUrl) => {
      const floor = await warmDoor(floorUrl, 1)
      const giro = await warmDoor(`${place.url}/africa_bank`, 1)
      const floors: number[] = []
      const commits: number[] = []
      const sequences: number[] = []
      const rates: number[] = []
      await inRounds(rounds, async (round) => {
        say(`round ${round} of ${rounds}`)
        const { rate } = await loadFor(floor, seconds)
        const commitMs = percentile(Array.from({ length: commitsARound }, bare.once), 50)
        floors.push(rate)
        commits.push(commitMs)
        sequences.push(1 / (1 / rate + commitMs / 1000))
        rates.push((await loadFor(giro, seconds)).rate)
      })
      bare.close()
      const stored = countPayments(place.file)
      check(stored === giro.accepted + 1, `${giro.accepted + 1} times 201, ${stored} payments`)
      await place.booksBalance()
      return [
        figure('Express that only answers', 'per second', floors),
        figure('one bare commit of the same rows', 'ms', commits),
        figure('both in sequence', 'per second', sequences),
        figure('durable intake', 'per second', rates),
        figure('intake ÷ both in sequence', 'ratio', ratios(rates, sequences), { atLeast: 0.6 }),
      ]
    })
  })

export default intakeOne
