import { UserError } from '../problem.ts'
import { BadValue, type Setting, type Values } from './setting.ts'

export type Environment = Readonly<Record<string, string | undefined>>

type Table = Record<string, Setting<unknown>>

/** Reads a table of settings from the environment; names all that is wrong at once. */
export function loadSettings<T extends Table>(table: T, environment: Environment): Values<T> {
  const values: Record<string, unknown> = {}
  const wrong: string[] = []
  for (const [name, setting] of Object.entries(table)) {
    const { raw } = rawOf(setting, environment, values)
    try {
      values[name] = raw === null ? null : setting.parse(raw)
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      values[name] = null
      wrong.push(`${setting.env} ${error.message}`)
    }
  }
  if (wrong.length > 0) throw new UserError(`Settings are wrong: ${wrong.join('; ')}.`)
  return values as Values<T>
}

export type SettingShown = { name: string; value: string | null; source: string; help: string }

/** What `manage config` shows: each variable, its value with secrets hidden, where it is from. */
export function showSettings(table: Table, environment: Environment): SettingShown[] {
  const values: Record<string, unknown> = loadSettings(table, environment)
  return Object.values(table).map((setting) => {
    const { raw, source } = rawOf(setting, environment, values)
    const value = raw === null ? null : setting.show(raw)
    return { name: setting.env, value, source, help: setting.help }
  })
}

function rawOf(setting: Setting<unknown>, environment: Environment, values: Table | object) {
  const given = environment[setting.env]
  if (given !== undefined && given !== '') return { raw: given, source: 'environment' }
  const fallback = setting.default
  const raw = typeof fallback === 'function' ? fallback({ ...values }) : fallback
  return { raw, source: 'default' }
}
