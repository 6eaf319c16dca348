import type { Host } from '../host.ts'
import { addPartners, inPlace, nowhere, type Place } from '../place.ts'
import { fill } from './fill.ts'

const partnerCount = 100

type Wanted = {
  payments: number
  partnerUrl: string
  /** Where the partners of what is filled in are told; by default nothing answers there. */
  url?: string
  deliveries: 'delivered' | 'due'
  settings?: Record<string, string>
}

/** Works in a place that has many payments already, to a hundred partners with a route each. */
export function inFilledPlace<T>(
  host: Host,
  { payments, partnerUrl, url = nowhere, deliveries, settings = {} }: Wanted,
  work: (place: Place, fillSeconds: number) => Promise<T>,
): Promise<T> {
  return inPlace(host, { partnerUrl, settings }, async (place) => {
    const names = Array.from({ length: partnerCount }, (_, i) => `many${i}`)
    await place.giro(({ parties }) => addPartners(parties, names, url))
    const began = performance.now()
    const filling = { payments, partners: 'many', partnerCount, deliveries }
    await fill(place.databaseUrl, filling)
    return work(place, (performance.now() - began) / 1000)
  })
}
