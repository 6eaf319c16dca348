import { inRounds, type Options } from '../case.ts'
import { farSchedule, rateOfDelivery } from '../delivered.ts'
import { type Figure, figure, ratios } from '../figures.ts'
import { type Door, loadFor, warmDoor } from '../load.ts'
import { type Partner, withPartner } from '../partner.ts'
import { checkPayments, type Place } from '../place.ts'
import { inFilledPlace } from './filled.ts'

const backlog = 3000

/** A place at work: what it does in a round, and the rates it did it at. */
type Worker = { place: Place; door: Door; intake: number[]; delivery: number[] }

/** What a payment costs beside many stored ones, against what it costs beside few. */
export function rates(
  options: Options & { few: number; many: number },
  besides: (place: Place) => Promise<Figure[]>,
): Promise<Figure[]> {
  const { on, few, many, say } = options
  return withPartner((partner) => {
    const wanted = (payments: number) => {
      const deliveries = 'delivered' as const
      return { payments, deliveries, partnerUrl: partner.url, settings: farSchedule }
    }
    return inFilledPlace(on, wanted(few), (small) => {
      say(`storing ${many} payments`)
      return inFilledPlace(on, wanted(many), async (large, seconds) => {
        say(`stored in ${Math.round(seconds)} s`)
        const workers = [await startIn(small), await startIn(large)] as const
        await inRounds(options.rounds, async (round) => {
          say(`round ${round} of ${options.rounds}`)
          for (const worker of workers) await workIn(worker, partner, options.seconds)
        })
        for (const [i, { place, door }] of workers.entries()) {
          await checkPayments(place, door.accepted + (i === 0 ? few : many))
          await place.booksBalance()
        }
        const filled = figure('payments stored in bulk', 'per second', [many / seconds])
        return [filled, ...compared(...workers), ...(await besides(large))]
      })
    })
  })
}

async function startIn(place: Place): Promise<Worker> {
  await place.manage('serve')
  await place.ready()
  const door = await warmDoor(`${place.url}/africa_bank`, 64)
  return { place, door, intake: [], delivery: [] }
}

/** No payment processor runs while intake is measured: what it archives would be in the way. */
async function workIn(
  { place, door, intake, delivery }: Worker,
  partner: Partner,
  seconds: number,
) {
  intake.push((await loadFor(door, seconds)).rate)
  const processor = await place.manage('run-payment-processor')
  delivery.push(await rateOfDelivery({ place, partner, door, count: backlog }))
  await processor.stop()
}

function compared(small: Worker, large: Worker): Figure[] {
  return (['intake', 'delivery'] as const).flatMap((what) => [
    figure(`${what} beside few`, 'per second', small[what]),
    figure(`${what} beside many`, 'per second', large[what]),
    figure(`cost of ${what}, many ÷ few`, 'ratio', ratios(small[what], large[what]), {
      atMost: 1.2,
    }),
  ])
}
