/** Giro as one process without anything beside it: HTTP and payment processor. */
import { runningLog, runUntilStopped } from '../../../cli/run.ts'
import { openGiro } from '../../../src/compose.ts'

const log = await runningLog()
const giro = await openGiro(process.env, log)
await runUntilStopped([giro.daemon(), giro.api()], log)
await giro.close()
