import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Options } from '../case.ts'
import { type Figure, figure, percentile } from '../figures.ts'
import { type Partner, withPartner } from '../partner.ts'
import { nowhere, type Place } from '../place.ts'
import { residentMegabytes } from '../resident.ts'
import { roadOf } from '../road.ts'
import { inFilledPlace } from './filled.ts'

const livePayments = 50
const restMs = 3000
/** A live partner that is not told within this time counts as told at its end. */
const patienceMs = 10_000
/** The first time, the processor knows of no partner yet whether it is dead. */
const firstPatienceMs = 120_000

type Size = { few: number; many: number }
type Seen = { serve: number; processor: number; road: number[] }

/**
 * What dead partners cost a live one, and Giro's memory: many deliveries are due to partners who
 * refuse or who hang, beside one who answers; against the same without them.
 */
export async function due(options: Options & Size): Promise<Figure[]> {
  const { say, few, many } = options
  say('deliveries to a partner alone')
  const alone = await seen(options, { payments: few, deliveries: 'delivered' })
  say(`${many} due deliveries of partners who refuse`)
  const refused = await seen(options, { payments: many, deliveries: 'due', url: nowhere })
  say(`${many} due deliveries of partners who hang`)
  const hanging = await silent()
  const hung = await seen(options, { payments: many, deliveries: 'due', url: hanging.url })
  hanging.close()
  return [
    ...roads('alone', alone),
    ...roads('beside many who refuse', refused),
    ...roads('beside many who hang', hung),
    ...memory('serve', [alone.serve], [refused.serve, hung.serve]),
    ...memory('processor', [alone.processor], [refused.processor, hung.processor]),
  ]
}

function roads(beside: string, { road }: Seen): Figure[] {
  const [first = Number.NaN, ...others] = road
  return [
    figure(`first to a live partner ${beside}`, 'ms', [first]),
    ...[50, 99].map((percent) =>
      figure(`to a live partner ${beside}, p${percent}`, 'ms', [
        percentile(others.length > 0 ? others : road, percent),
      ]),
    ),
  ]
}

function memory(program: string, rest: number[], full: number[]): Figure[] {
  const atMost = Math.round(Math.max(...rest) + 60)
  return [
    figure(`${program} at rest`, 'MB', rest),
    figure(`${program} with many due`, 'MB', full, { atMost }),
  ]
}

type Wanted = { payments: number; deliveries: 'delivered' | 'due'; url?: string }

function seen({ on }: Options, wanted: Wanted): Promise<Seen> {
  return withPartner((partner) =>
    inFilledPlace(on, { ...wanted, partnerUrl: partner.url }, async (place) => {
      const serve = await place.manage('serve')
      await place.ready()
      const processor = await place.manage('run-payment-processor')
      await wait(restMs)
      const road = await roadsOf(place, partner)
      const sizes = {
        serve: residentMegabytes(serve.pid),
        processor: residentMegabytes(processor.pid),
      }
      await place.stop()
      await place.booksBalance()
      return { ...sizes, road }
    }),
  )
}

/** Stops at the first payment that is not told in time: those after it would wait as well. */
async function roadsOf(place: Place, partner: Partner): Promise<number[]> {
  const road: number[] = []
  for (let patience = firstPatienceMs; road.length <= livePayments; patience = patienceMs) {
    const late = wait(patience, patience, { ref: false })
    const took = await Promise.race([roadOf(`${place.url}/africa_bank`, partner), late])
    road.push(took)
    if (took === patience) break
    await wait(20)
  }
  return road
}

/** Takes every request, and never says a word. */
async function silent() {
  const server = createServer(() => {})
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/payments`, close }
}
