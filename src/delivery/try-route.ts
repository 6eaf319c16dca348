import { type NotifyMethod, oldSecretsOf, routesById } from '../party/index.ts'
import type { Database } from '../platform/database/index.ts'
import { Refused } from '../platform/problem.ts'
import type { Vault } from '../platform/secret.ts'
import type { Tools } from '../platform/tools.ts'
import { type Channel, failed, type Message, type Shown } from './channels/channel.ts'
import type { Sent } from './delivery.ts'
import { cannotOpen, openRoute } from './open-route.ts'
import { timeLimitOf } from './time-limit.ts'

type Deps = Tools & {
  database: Database
  vault: Vault
  /** Channels of its own, which are closed when the partner has answered. */
  openChannels: () => Record<NotifyMethod, Channel>
  timeoutMs: number
  leaseMs: number
}

/** What was sent, without what is secret, and what came of it; null where nothing was sent. */
export type Tested = Sent & { request: Shown | null; durationMs: number }

/** Sends a sample event to a partner as any event is sent, and keeps nothing of it. */
export async function tryRoute(deps: Deps, accountId: string, id: string): Promise<Tested> {
  const { database, vault, clock, newId, openChannels } = deps
  const time = clock.now()
  const { route, old } = await database.read(async (db) => ({
    route: (await routesById(db, [id])).get(id),
    old: await oldSecretsOf(db, [id], time),
  }))
  if (route?.accountId !== accountId)
    throw new Refused('not_found', `The partner ${accountId} has no route ${id}.`)
  const oldSecrets = old.map(({ secret }) => secret)
  const opened = openRoute(route, oldSecrets, vault)
  if (opened === null) return { ...failed(cannotOpen, 'before'), request: null, durationMs: 0 }

  const data = JSON.stringify({ account_number: accountId, route_id: id })
  const event = { id: newId('evt'), type: 'giro.test' as const, subject: id, time, data }
  let request: Shown | null = null
  const message: Message = {
    deliveryId: newId('dlv'),
    event,
    route,
    ...opened,
    digest: null,
    timeoutMs: timeLimitOf(route, deps),
    leaseEnd: Number.POSITIVE_INFINITY,
    shows: (sending) => {
      request = masked(sending, Object.keys(opened.headers))
    },
  }
  const channels = openChannels()
  const began = performance.now()
  try {
    const sent = await channels[route.notifyMethod].send(message)
    return { ...sent, request, durationMs: Math.round(performance.now() - began) }
  } finally {
    for (const channel of Object.values(channels)) await channel.close()
  }
}

/**
 * Whoever reads this may show it to others: a signature is made with the secret, and what a
 * partner wants in headers of its own may be a key.
 */
function masked({ headers, body }: Shown, secretNames: string[]): Shown {
  const hidden = (name: string, value: string) => {
    if (name === 'webhook-signature') return value.replaceAll(/,\S+/g, ',***')
    return secretNames.includes(name) ? '***' : value
  }
  const shown = Object.entries(headers).map(([name, value]) => [name, hidden(name, value)])
  return { headers: Object.fromEntries(shown), body }
}
