import { readdirSync } from 'node:fs'
import {
  type Config,
  type Environment,
  isLoopback,
  loadSettings,
  type Setting,
} from '../platform/config/index.ts'
import { invariant } from '../platform/invariant.ts'
import { UserError } from '../platform/problem.ts'
import type { Bank, Door } from './bank.ts'

const folder = new URL('./banks/', import.meta.url)

/** Every file under `banks/` is a bank: to add one is to add a file. */
export const banks: Bank[] = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .toSorted()
    .map(async (file) => {
      const { default: bank } = (await import(new URL(file, folder).href)) as { default: Bank }
      invariant(`${bank.name}.ts` === file, `${file} describes the bank of its name`)
      return bank
    }),
)

/** The settings of all banks, by their variables, for the configuration table. */
export const bankSettings: Record<string, Setting<unknown>> = Object.fromEntries(
  banks.flatMap(({ settings }) => Object.values(settings)).map((one) => [one.env, one]),
)

export type OpenBank = { bank: Bank; door: Door<Bank['settings']> }

/** The doors as this configuration has them; refuses to open one that everybody could walk into. */
export function openBanks(config: Config, environment: Environment): OpenBank[] {
  const loopback = isLoopback(config.host)
  const open = banks.map((bank) => ({
    bank,
    door: { settings: loadSettings(bank.settings, environment), loopback },
  }))
  const missing = open.flatMap(({ bank, door }) => bank.missing(door) ?? [])
  if (missing.length > 0)
    throw new UserError(
      `HOST ${config.host} can be reached from outside: ` +
        `set ${missing.join(', ')} or a loopback HOST.`,
    )
  return open
}
