import { everyones, type Own } from '../platform/own.ts'
import { Refused } from '../platform/problem.ts'

/** Each holds a connection, and looks for itself when something happens. */
const most = 100

/** Of these, what partners have together and each of them, so that nobody keeps the others out. */
const mostOfPartners = 50
const mostOfPartner = 10

/** Counts who listens for long, and refuses who is too many. */
export function createPlaces() {
  const taken = new Map<AbortSignal, Own>()

  /** It is free again when its caller is gone. */
  return function take(own: Own, gone: AbortSignal): void {
    for (const one of taken.keys()) if (one.aborted) taken.delete(one)
    const owners = [...taken.values()]
    const ofPartners = owners.filter((one) => one !== everyones)
    if (owners.length >= most) throw tooMany(most)
    if (own !== everyones && ofPartners.length >= mostOfPartners) throw tooMany(mostOfPartners)
    if (own !== everyones && ofPartners.filter((one) => one === own).length >= mostOfPartner)
      throw new Refused('unavailable', `A partner may listen ${mostOfPartner} times: end another.`)
    taken.set(gone, own)
  }
}

function tooMany(count: number): Refused {
  return new Refused('unavailable', `Giro serves ${count} streams already: end another.`)
}
