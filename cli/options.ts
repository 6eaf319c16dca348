import { availableParallelism } from 'node:os'
import { InvalidArgumentError, Option } from 'commander'

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
