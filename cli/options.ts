import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { InvalidArgumentError, Option } from 'commander'
import { fromIso, systemClock, toIso } from '../src/platform/clock.ts'

export function limitOption(): Option {
  return new Option('--limit <n>', 'how many at most').default(50).argParser((text) => {
    const limit = Number(text)
    if (!/^\d+$/.test(text) || limit < 1 || limit > 10_000)
      throw new InvalidArgumentError('It must be a whole number from 1 to 10000.')
    return limit
  })
}

/** More would be a mistake: each process keeps a core busy. */
const mostProcesses = 256

export function processesOption(): Option {
  const help = 'processes that share the port, on PostgreSQL or MariaDB; auto: one for each core'
  return new Option('--processes <n>', help).default(1).argParser((text) => {
    const count = text === 'auto' ? availableParallelism() : Number(text)
    if (!/^(auto|\d+)$/.test(text) || count < 1 || count > mostProcesses)
      throw new InvalidArgumentError(`It must be auto or a number from 1 to ${mostProcesses}.`)
    return count
  })
}

const form = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

/** A date alone is its beginning in UTC. */
export function dateArgument(text: string): number {
  const [, day = ''] = form.exec(text) ?? []
  const time = fromIso(text)
  const isOne = day !== '' && !Number.isNaN(time) && toIso(fromIso(day)).startsWith(day)
  if (!isOne) throw new InvalidArgumentError('It must be like 2026-01-31 or 2026-01-31T12:00Z.')
  return time
}

/** A time that has been. */
export function past(text: string): number {
  const time = dateArgument(text)
  if (time > systemClock.now()) throw new InvalidArgumentError('It must not be in the future.')
  return time
}

const secondsIn = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** In seconds; what is too long is refused where it is for all who ask. */
export function overlapOption(): Option {
  const help = 'how long the secret so far signs as well: 24h, 90m, 45s, 7d, or 0'
  return new Option('--overlap <time>', help).default(86_400, '24h').argParser((text) => {
    const [, count, unit = 's'] = /^(\d{1,6})([smhd])?$/.exec(text) ?? []
    if (count === undefined)
      throw new InvalidArgumentError('It must be a number with s, m, h or d behind it.')
    return Number(count) * secondsIn[unit as keyof typeof secondsIn]
  })
}

/** `Name: value`, as often as there are headers. The last of a name holds. */
export function headerOption(help: string): Option {
  return new Option('--header <name: value>', help).argParser(
    (line: string, before: Record<string, string> = {}) => {
      const colon = line.indexOf(':')
      if (colon < 1) throw new InvalidArgumentError('It must be a name, a colon and a value.')
      return { ...before, [line.slice(0, colon)]: line.slice(colon + 1).trim() }
    },
  )
}

/** What a file holds: secrets have no place in a command, which a shell remembers. */
export function fileArgument(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

export function jsonFileArgument(path: string): unknown {
  const text = fileArgument(path)
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidArgumentError(`There is no JSON in ${path}.`)
  }
}
