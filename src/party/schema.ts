import { column, table } from '../platform/database/index.ts'

const { flag, longText, nullable, text, time } = column

/** `contact_email` is whom to write to about the partner's routes. */
export const partners = table('partners', {
  columns: {
    accountId: text(255),
    name: text(255),
    createDate: time(),
    contactEmail: nullable(text(320)),
  },
  primary: ['accountId'],
  indexes: [{ name: 'ix_partners_create_date', columns: ['createDate', 'accountId'] }],
})

export const payers = table('payers', {
  columns: { id: text(255), name: text(255), createDate: time() },
  primary: ['id'],
  indexes: [{ name: 'ix_payers_create_date', columns: ['createDate', 'id'] }],
})

/**
 * A way to tell a partner. `secret`, the newest, is encrypted; it is only there where the
 * method signs. Where it is the private half of a pair, `publicKey` is the other.
 * `headers` is a JSON object of names and encrypted values. `auth` and `clientCertificate` are JSON
 * objects too, in which only what is secret is encrypted. Where there is a `digest`, payments are
 * told together, so often. Without an `ordering` there is none. `policy` is a JSON object of what
 * differs from the settings.
 */
export const routes = table('routes', {
  columns: {
    id: text(40),
    accountId: text(255),
    notifyMethod: text<'api' | 'email' | 'sms'>(16),
    contactPath: text(2048),
    secret: nullable(longText()),
    enabled: flag(),
    createDate: time(),
    publicKey: nullable(text(64)),
    headers: nullable(longText()),
    auth: nullable(longText()),
    clientCertificate: nullable(longText()),
    digest: nullable(text<'hourly' | 'daily'>(16)),
    ordering: nullable(text<'strict'>(16)),
    policy: nullable(longText()),
  },
  primary: ['id'],
  indexes: [{ name: 'ix_routes_account_id', columns: ['accountId', 'id'] }],
  checks: { ck_routes_notify_method: `notify_method IN ('api', 'email', 'sms')` },
})

/** A secret that was replaced and is good for a while yet, encrypted as its route's is. */
export const oldSecrets = table('old_secrets', {
  columns: { id: text(40), routeId: text(40), secret: longText(), endDate: time() },
  primary: ['id'],
  indexes: [
    { name: 'ix_old_secrets_route_id', columns: ['routeId', 'id'] },
    { name: 'ix_old_secrets_end_date', columns: ['endDate'] },
  ],
})
