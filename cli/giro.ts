import type { Giro } from '../src/compose.ts'
import { createLog } from '../src/platform/log.ts'

/** Opens Giro for one command, and closes it whatever happens. Only warnings are logged. */
export async function withGiro<T>(work: (giro: Giro) => Promise<T>): Promise<T> {
  const { openGiro } = await import('../src/compose.ts')
  const log = await createLog({
    level: 'warn',
    pretty: Boolean(process.stderr.isTTY),
    to: 'stderr',
  })
  const giro = await openGiro(process.env, log)
  try {
    return await work(giro)
  } finally {
    await giro.close()
  }
}
