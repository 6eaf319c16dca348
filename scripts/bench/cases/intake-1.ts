import { type Case, inRounds } from '../case.ts'
import { figure, ratios } from '../figures.ts'
import { loadFor, warmDoor } from '../load.ts'
import { checkPayments, inPlace, nowhere } from '../place.ts'
import { withCommittingFloor } from '../rivals.ts'

/** Intake of one bank that waits for each answer, beside one bare commit and Express's answer. */
const intakeOne: Case = ({ on, seconds, rounds, say }) =>
  inPlace(on, { partnerUrl: nowhere }, async (place) => {
    say('warming up')
    await place.manage('serve')
    await place.ready()
    const length = await place.firstPayment()
    const { databaseUrl } = place
    return withCommittingFloor({ host: on, databaseUrl, length }, async (floorUrl) => {
      const floor = await warmDoor(floorUrl, 1)
      const giro = await warmDoor(`${place.url}/africa_bank`, 1)
      const floors: number[] = []
      const rates: number[] = []
      await inRounds(rounds, async (round) => {
        say(`round ${round} of ${rounds}`)
        floors.push((await loadFor(floor, seconds)).rate)
        rates.push((await loadFor(giro, seconds)).rate)
      })
      await checkPayments(place, giro.accepted + 1)
      await place.booksBalance()
      return [
        figure('Express after one bare commit of the same rows', 'per second', floors),
        figure('durable intake', 'per second', rates),
        figure('intake ÷ Express after a commit', 'ratio', ratios(rates, floors), { atLeast: 0.6 }),
      ]
    })
  })

export default intakeOne
