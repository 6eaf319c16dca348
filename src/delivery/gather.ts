type Options = {
  /** Whether so many need not wait for those that may still come. */
  enough: (waiting: number) => boolean
  /** Called when some were passed on, in the same turn. */
  passed: () => void
}

/** Nobody waits for longer, whoever else is to come. */
const longestWaitMs = 20

/**
 * Lets what comes one by one, as answers over a few connections do, wait for others a moment, and
 * passes all on in the same turn: so they can be one commit instead of many.
 */
export function gather<In, Out>(
  pass: (item: In) => Promise<Out>,
  { enough, passed }: Options,
): (item: In) => Promise<Out> {
  const waiting: (() => void)[] = []
  let timer: NodeJS.Timeout | undefined

  function passAll() {
    clearTimeout(timer)
    timer = undefined
    for (const passOne of waiting.splice(0)) passOne()
    passed()
  }

  return (item) =>
    new Promise((resolve) => {
      waiting.push(() => resolve(pass(item)))
      if (enough(waiting.length)) passAll()
      else timer ??= setTimeout(passAll, longestWaitMs)
    })
}
