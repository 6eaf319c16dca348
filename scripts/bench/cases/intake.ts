import { type Case, inRounds } from '../case.ts'
import { type Figure, figure, ratios } from '../figures.ts'
import type { DatabaseName } from '../host.ts'
import { loadFor, warmDoor } from '../load.ts'
import { checkPayments, inPlace, nowhere } from '../place.ts'
import { withBareCommits, withFloor } from '../rivals.ts'

const connections = 64
/** As many as Giro has to a server. */
const poolSize = 10

/** What the ratio to Express is to be; a server costs its own share of the same machine. */
const leastOfExpress: Partial<Record<DatabaseName, number>> = { sqlite: 0.5, postgres: 0.3 }
const leastOfBare: Partial<Record<DatabaseName, number>> = { postgres: 3 }

/**
 * Durable intake of `serve` beside an Express route that only answers; on a server also beside one
 * transaction for each notice, which is what intake would be without notices sharing commits.
 */
const intake: Case = ({ on, seconds, rounds, say }) =>
  inPlace(on, { partnerUrl: nowhere }, async (place) => {
    say('warming up')
    await place.manage('serve')
    await place.ready()
    const length = await place.firstPayment()
    const { databaseUrl } = place
    return withBareCommits({ host: on, databaseUrl, connections: poolSize }, (bare) =>
      withFloor(length, async (floorUrl) => {
        const floor = await warmDoor(floorUrl, connections)
        const giro = await warmDoor(`${place.url}/africa_bank`, connections)
        const floors: number[] = []
        const bares: number[] = []
        const rates: number[] = []
        const cores: number[] = []
        await inRounds(rounds, async (round) => {
          say(`round ${round} of ${rounds}`)
          const below = await loadFor(floor, seconds)
          if (on.name !== 'sqlite') bares.push(await bare.rate(connections, seconds))
          rates.push((await loadFor(giro, seconds)).rate)
          floors.push(below.rate)
          cores.push(below.cores)
        })
        await checkPayments(place, giro.accepted + 1)
        await place.booksBalance()
        return [
          figure('Express that only answers', 'per second', floors),
          figure('load generator at that rate', 'cores', cores, { atMost: 0.95 }),
          figure('durable intake', 'per second', rates),
          figure('intake ÷ Express', 'ratio', ratios(rates, floors), least(leastOfExpress, on)),
          ...(bares.length > 0 ? besideBare(rates, bares, least(leastOfBare, on)) : []),
        ]
      }),
    )
  })

function besideBare(rates: number[], bares: number[], target: Figure['target']): Figure[] {
  return [
    figure('one transaction per notice', 'per second', bares),
    figure('intake ÷ one transaction per notice', 'ratio', ratios(rates, bares), target),
  ]
}

function least(bounds: Partial<Record<DatabaseName, number>>, { name }: { name: DatabaseName }) {
  const atLeast = bounds[name]
  return atLeast === undefined ? undefined : { atLeast }
}

export default intake
