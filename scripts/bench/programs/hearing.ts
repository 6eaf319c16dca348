/** Times are of the system's monotonic clock, the same in every process. */
export type Heard = { received: number; distinct: number; firstAt: bigint; lastAt: bigint }

/**
 * What a partner counts, by the id of each message. Asked for a number, it tells once so many
 * different ones came; asked for 0, it forgets.
 */
export function hearing(): (id: string) => void {
  const ids = new Set<string>()
  let heard: Heard
  let until = Number.POSITIVE_INFINITY
  forget()

  function forget() {
    ids.clear()
    heard = { received: 0, distinct: 0, firstAt: 0n, lastAt: 0n }
    until = Number.POSITIVE_INFINITY
  }

  function tellWhenHeard() {
    if (ids.size < until) return
    until = Number.POSITIVE_INFINITY
    process.send?.({ ...heard, distinct: ids.size })
  }

  process.on('message', (count: number) => {
    if (count === 0) forget()
    else until = count
    tellWhenHeard()
  })

  return (id) => {
    heard.lastAt = process.hrtime.bigint()
    if (heard.received === 0) heard.firstAt = heard.lastAt
    heard.received += 1
    ids.add(id)
    tellWhenHeard()
  }
}
