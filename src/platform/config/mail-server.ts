import { hostOf } from '../outbound/index.ts'
import { BadValue } from './setting.ts'

/** A server that takes mail by SMTP. */
export type MailServer = {
  host: string
  port: number
  /** TLS from the first byte on. */
  secure: boolean
  /** No mail without TLS; otherwise STARTTLS is used where the server has it. */
  requireTLS: boolean
  auth: { user: string; pass: string } | null
}

/** What SMTP_URL takes. Nothing else that a URL can say would be heeded, so it is refused. */
export function mailServer(value: string): MailServer {
  const url = /^smtps?:\/\/[^/]/.test(value) && URL.canParse(value) ? new URL(value) : null
  if (url === null || url.hostname === '' || url.hash !== '' || !/^\/?$/.test(url.pathname))
    throw new BadValue('must be a URL such as smtp://user:password@host:port')
  const secure = url.protocol === 'smtps:'
  return {
    host: hostOf(url),
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    requireTLS: requiresTls(url, secure),
    auth: authOf(url),
  }
}

function requiresTls({ search }: URL, secure: boolean): boolean {
  if (search === '') return secure
  if (search !== '?starttls=required')
    throw new BadValue('must have no parameter but starttls=required')
  if (secure) throw new BadValue('must be smtp:// with starttls=required: smtps:// begins with TLS')
  return true
}

function authOf({ username, password }: URL): MailServer['auth'] {
  if (username === '' && password === '') return null
  if (username === '' || password === '')
    throw new BadValue('must have both a user and a password, or neither')
  try {
    return { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
  } catch {
    throw new BadValue('must have % in the user and the password written as %25')
  }
}
