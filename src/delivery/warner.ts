import { partnersById, routesById } from '../party/index.ts'
import type { Clock } from '../platform/clock.ts'
import type { Dkim, MailServer } from '../platform/config/index.ts'
import type { Database } from '../platform/database/index.ts'
import type { Log } from '../platform/log.ts'
import { looping } from '../platform/loop.ts'
import { type Service, service } from '../platform/service.ts'
import { createMailer } from './channels/mailer.ts'
import { warningMail } from './channels/warning-mail.ts'
import type { Warning } from './warning.ts'
import * as store from './warning-store.ts'

type Deps = {
  database: Database
  clock: Clock
  log: Log
  server: MailServer | null
  from: string
  dkim: Dkim | null
  operatorEmail: string | null
  disableAfterMs: number
}

const pauseMs = 60_000
const leaseMs = 5 * 60_000
/** Below SHUTDOWN_TIMEOUT, since whoever stops waits for the one that is under way. */
const timeoutMs = 15_000
const giveUpAfterMs = 24 * 3_600_000

/**
 * Tells people by e-mail of routes that fail. Each warning is claimed by one daemon, and what was
 * not taken is tried again when the lease ends, under the same Message-ID, for a day.
 */
export function createWarner({ database, clock, log, ...telling }: Deps): Service {
  const { server, dkim, from, operatorEmail, disableAfterMs } = telling
  const options = { clock, dkim, connections: 1, longestMs: timeoutMs }
  const mailer = server && createMailer({ ...options, server })

  async function look(): Promise<number> {
    const now = clock.now()
    if (!(await database.read((db) => store.anyDueWarning(db, now)))) return pauseMs
    const leaseEnd = now + leaseMs
    const warning = await database.write((db) => store.claimWarning(db, now, leaseEnd))
    if (warning && (await isDone(warning, leaseEnd)))
      await database.write((db) => store.finishWarning(db, warning.id))
    return 0
  }

  /** Whether nothing is left to do for it: it was sent, or it is of no use to try. */
  async function isDone(warning: Warning, leaseEnd: number): Promise<boolean> {
    const { route, to } = await addressed(warning)
    if (!route || to === null || mailer === null) {
      const why = mailer === null ? 'SMTP_URL is not set' : 'there is no address'
      log.warn({ warning }, `nobody is told by e-mail that a route fails: ${why}`)
      return true
    }
    const said = warningMail(warning, route, { from, disableAfterMs })
    const mail = { from, to: { name: '', address: to }, ...said }
    const sent = await mailer.send(mail, { timeoutMs, leaseEnd })
    if (sent.delivered) return true
    const isGivenUp = sent.final === true || clock.now() - warning.createDate >= giveUpAfterMs
    const { error } = sent
    if (isGivenUp) log.error({ warning, error }, 'an e-mail about a route that fails was given up')
    else log.warn({ warning, error }, 'an e-mail about a route that fails is tried again')
    return isGivenUp
  }

  /** As it is by now: an address may have been mended since. */
  function addressed({ recipient, routeId, accountId }: Warning) {
    return database.read(async (db) => {
      const route = (await routesById(db, [routeId])).get(routeId)
      const partner = (await partnersById(db, [accountId])).get(accountId)
      const to = recipient === 'operator' ? operatorEmail : (partner?.contactEmail ?? null)
      return { route, to }
    })
  }

  const loop = looping({
    look,
    failed: (error) => log.error({ err: error }, 'nobody could be warned'),
    pauseMs,
  })
  return service({
    start: loop.start,
    async stop() {
      await loop.stop()
      await mailer?.close()
    },
  })
}
