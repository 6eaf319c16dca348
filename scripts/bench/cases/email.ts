import { type Case, inRounds } from '../case.ts'
import { farSchedule, rateOfDelivery } from '../delivered.ts'
import { figure, ratios } from '../figures.ts'
import { withMailServer } from '../partner.ts'
import { checkPayments, inPlace } from '../place.ts'
import type { Looped } from '../programs/loop.ts'
import { startProgram } from '../started.ts'

const backlog = 2000
const concurrency = 50
const connections = 5

/** How quickly a due backlog reaches a mail server, beside nodemailer's pool alone. */
const email: Case = ({ on, rounds, say }) =>
  withMailServer((server) => {
    const settings = {
      ...farSchedule,
      SMTP_URL: server.url,
      SMTP_CONNECTIONS: `${connections}`,
      DELIVERY_CONCURRENCY: `${concurrency}`,
    }
    return inPlace(on, { settings }, async (place) => {
      // The daemon's slots are the limit, as they are for the pool alone.
      const route = { notify_method: 'email', concurrency: 1000 } as const
      const to = { ...route, contact_path: 'books@partner.example' }
      await place.giro(({ parties }) => parties.createRoute('partner1', to))
      await place.manage('serve')
      await place.manage('run-payment-processor')
      await place.ready()
      const door = { url: `${place.url}/africa_bank`, connections: 64, rate: 0, accepted: 0 }
      const floors: number[] = []
      const rates: number[] = []
      await inRounds(rounds, async (round) => {
        say(`round ${round} of ${rounds}`)
        floors.push(await rateOfPool(server.url))
        rates.push(await rateOfDelivery({ place, partner: server, door, count: backlog }))
      })
      await checkPayments(place, door.accepted)
      await place.booksBalance()
      return [
        figure("nodemailer's pool alone", 'per second', floors),
        figure('e-mails delivered', 'per second', rates),
        figure('delivery ÷ pool alone', 'ratio', ratios(rates, floors), { atLeast: 0.7 }),
      ]
    })
  })

async function rateOfPool(url: string): Promise<number> {
  const args = [JSON.stringify({ url, concurrency, connections, count: backlog })]
  const loop = startProgram('./programs/mail-loop.ts', { args })
  const { seconds } = await loop.answer<Looped>()
  await loop.stop()
  return backlog / seconds
}

export default email
