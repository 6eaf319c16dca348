import { InvalidArgumentError, Option } from 'commander'

export function limitOption(): Option {
  return new Option('--limit <n>', 'how many at most').default(50).argParser((text) => {
    const limit = Number(text)
    if (!/^\d+$/.test(text) || limit < 1 || limit > 10_000)
      throw new InvalidArgumentError('It must be a whole number from 1 to 10000.')
    return limit
  })
}
