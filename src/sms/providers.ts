import { readdirSync } from 'node:fs'
import { type Environment, loadSettings, type Setting } from '../platform/config/index.ts'
import { invariant } from '../platform/invariant.ts'
import { UserError } from '../platform/problem.ts'
import type { Provider, ProviderSettings } from './provider.ts'
import { sharedSettings } from './settings.ts'

const folder = new URL('./providers/', import.meta.url)

/** Every file under `providers/` is a provider: to add one is to add a file. */
const providers: Provider[] = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .toSorted()
    .map(async (file) => {
      const { default: provider } = (await import(new URL(file, folder).href)) as {
        default: Provider
      }
      const named = `${provider.name.replaceAll('_', '-')}.ts`
      invariant(named === file, `${file} describes the provider of its name`)
      return provider
    }),
)

/** The settings of all providers, by their variables, for the configuration table. */
export const smsSettings: Record<string, Setting<unknown>> = Object.fromEntries(
  [sharedSettings, ...providers.map(({ settings }) => settings)]
    .flatMap((table): Setting<unknown>[] => Object.values(table))
    .map((one) => [one.env, one]),
)

/** A provider with its settings, bound so that nobody else has to know these. */
export type OpenProvider = { provider: Provider; settings: ProviderSettings<Provider['settings']> }

/** All providers, since reports may come of a text that another one than today's was given. */
export type Providers = { all: OpenProvider[]; chosen: OpenProvider | null }

/** The providers as this configuration has them; the one that is chosen must be able to send. */
export function openProviders(environment: Environment): Providers {
  const { provider: name, ...shared } = loadSettings(sharedSettings, environment)
  const all = providers.map((provider) => ({
    provider,
    settings: { ...loadSettings(provider.settings, environment), ...shared },
  }))
  if (name === null) return { all, chosen: null }
  const chosen = all.find(({ provider }) => provider.name === name)
  if (!chosen)
    throw new UserError(
      `SMS_PROVIDER must be one of ${providers.map((one) => one.name).join(', ')}.`,
    )
  const wrong = chosen.provider.objection(chosen.settings)
  if (wrong !== null) throw new UserError(`SMS_PROVIDER ${name} cannot send: ${wrong}.`)
  return { all, chosen }
}
