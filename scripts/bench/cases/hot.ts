import { type Case, check, inRounds } from '../case.ts'
import { type Figure, figure, ratios } from '../figures.ts'
import { type Door, loadFor, warmDoor } from '../load.ts'
import { addPartners, checkPayments, inPlace, nowhere, type Place } from '../place.ts'

const partnerCount = 1000
const connections = 64
/** Shared by all processes, as a server's operator would share them out. */
const databaseConnections = 20

/** Intake where every payment goes to one partner, against payments to a thousand partners. */
const hot: Case = async (options) => {
  const figures: Figure[] = []
  for (const processes of [1, 2, 4]) figures.push(...(await withProcesses(processes, options)))
  return figures
}

function withProcesses(count: number, { on, seconds, rounds, say }: Parameters<Case>[0]) {
  const settings = { DATABASE_CONNECTIONS: `${databaseConnections / count}` }
  return inPlace(on, { partnerUrl: nowhere, settings }, async (place) => {
    const names = Array.from({ length: partnerCount }, (_, i) => `many${i}`)
    await place.giro(({ parties }) => addPartners(parties, names, nowhere))
    const urls = await serveAt(place, count)
    const doors = {
      hot: await doorsAt(urls, ['partner1']),
      spread: await doorsAt(urls, names),
    }
    const rates: Record<keyof typeof doors, number[]> = { hot: [], spread: [] }
    await inRounds(rounds, async (round) => {
      say(`${count} processes, round ${round} of ${rounds}`)
      for (const which of ['spread', 'hot'] as const)
        rates[which].push(await rateOf(doors[which], seconds))
    })
    const accepted = [...doors.hot, ...doors.spread].reduce((sum, one) => sum + one.accepted, 0)
    await checkPayments(place, accepted)
    const told = await place.ask('SELECT COUNT(DISTINCT account_number) FROM payments')
    check(told > partnerCount / 2, `payments went to ${told} partners only`)
    await place.booksBalance()
    const ratio = ratios(rates.hot, rates.spread)
    return [
      figure(`spread over ${partnerCount} partners, ${count} serve`, 'per second', rates.spread),
      figure(`to one partner, ${count} serve`, 'per second', rates.hot),
      figure(`one ÷ spread, ${count} serve`, 'ratio', ratio, { atLeast: 0.8 }),
    ]
  })
}

async function serveAt(place: Place, count: number): Promise<string[]> {
  const urls: string[] = []
  for (let i = 0; i < count; i += 1) urls.push(`${await place.serveBeside()}/africa_bank`)
  return urls
}

/** Each process has its share of the load, from a generator of its own. */
function doorsAt(urls: string[], partners: string[]): Promise<Door[]> {
  return Promise.all(urls.map((url) => warmDoor(url, connections / urls.length, partners)))
}

async function rateOf(doors: Door[], seconds: number): Promise<number> {
  const loaded = await Promise.all(doors.map((door) => loadFor(door, seconds)))
  return loaded.reduce((sum, { rate }) => sum + rate, 0)
}

export default hot
