import type { Giro } from '../src/compose.ts'
import { createLog, type Log } from '../src/platform/log.ts'

/** Opens Giro for one command, and closes it whatever happens. */
export async function withGiro<T>(
  work: (giro: Giro) => Promise<T>,
  log: Promise<Log> = warnings(),
): Promise<T> {
  const { openGiro } = await import('../src/compose.ts')
  const giro = await openGiro(process.env, await log)
  try {
    return await work(giro)
  } finally {
    await giro.close()
  }
}

/** What a command that prints has to say beside it. */
function warnings(): Promise<Log> {
  return createLog({ level: 'warn', pretty: Boolean(process.stderr.isTTY), to: 'stderr' })
}
