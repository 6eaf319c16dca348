import { type Case, check, inRounds } from '../case.ts'
import { figure, ratios } from '../figures.ts'
import { loadFor, warmDoor } from '../load.ts'
import { countPayments, inPlace, nowhere } from '../place.ts'
import { withFloor } from '../rivals.ts'

const connections = 64

/** Durable intake of `serve` beside an Express route that only answers. */
const intake: Case = ({ seconds, rounds, say }) =>
  inPlace({ partnerUrl: nowhere }, async (place) => {
    say('warming up')
    await place.manage('serve')
    await place.ready()
    const length = await place.firstPayment()
    return withFloor(length, async (floorUrl) => {
      const floor = await warmDoor(floorUrl, connections)
      const giro = await warmDoor(`${place.url}/africa_bank`, connections)
      const floors: number[] = []
      const rates: number[] = []
      const cores: number[] = []
      await inRounds(rounds, async (round) => {
        say(`round ${round} of ${rounds}`)
        const below = await loadFor(floor, seconds)
        const ours = await loadFor(giro, seconds)
        floors.push(below.rate)
        rates.push(ours.rate)
        cores.push(below.cores)
      })
      const stored = countPayments(place.file)
      check(stored === giro.accepted + 1, `${giro.accepted + 1} times 201, ${stored} payments`)
      await place.booksBalance()
      return [
        figure('Express that only answers', 'per second', floors),
        figure('load generator at that rate', 'cores', cores, { atMost: 0.95 }),
        figure('durable intake', 'per second', rates),
        figure('intake ÷ Express', 'ratio', ratios(rates, floors), { atLeast: 0.5 }),
      ]
    })
  })

export default intake
