import { type Command, InvalidArgumentError, Option } from 'commander'
import { UserError } from '../src/platform/problem.ts'

const fallback = 'default'

type OrDefault<T> = T | typeof fallback

/** How a route wants to be told, as it is said at the command line. */
type PolicyOptions = {
  concurrency?: OrDefault<number>
  timeLimit?: OrDefault<number>
  rate?: OrDefault<number>
  burst?: number
  schedule?: OrDefault<number[]>
}

/** `default` takes the settings' instead of the route's own. */
export function addPolicyOptions(command: Command): Command {
  const own = `'${fallback}' for what the settings say`
  const option = (flags: string, help: string, parse: (text: string) => unknown) =>
    command.addOption(
      new Option(flags, help).argParser((text) => (text === fallback ? fallback : parse(text))),
    )
  option('--concurrency <n>', `attempts under way at once in one daemon; ${own}`, number)
  option('--time-limit <seconds>', `how long one attempt may take; ${own}`, number)
  option('--rate <n>', `attempts a second, such as 0.5; '${fallback}' for no limit`, number)
  command.addOption(
    new Option('--burst <n>', 'with --rate: so many at once after a rest').argParser(number),
  )
  option('--schedule <list>', `seconds before each attempt, such as 0,5,300; ${own}`, (text) =>
    text.split(',').map(number),
  )
  return command
}

/** What was said of it, as the API takes it: null is the default. */
export function givenPolicy({ concurrency, timeLimit, rate, burst, schedule }: PolicyOptions) {
  if (burst !== undefined && typeof rate !== 'number')
    throw new UserError('--burst goes with --rate.')
  const limit = typeof rate === 'number' ? { per_second: rate, burst } : rate
  return {
    concurrency: orNull(concurrency),
    time_limit: orNull(timeLimit),
    rate_limit: orNull(limit),
    schedule: orNull(schedule),
  }
}

function orNull<T>(said: OrDefault<T> | undefined): T | null | undefined {
  return said === fallback ? null : (said as T | undefined)
}

/** Whether it is in range is judged where it is for all who ask. */
function number(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text.trim())) throw new InvalidArgumentError('It must be a number.')
  return Number(text)
}
