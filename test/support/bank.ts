import { type Answer, type Headers, http } from './http.ts'

/** The notice that a newcomer sends first, as the bytes that curl sends. */
export const firstNotice =
  '{"reference_number":"payer1", "account_number":"partner1", "amount": "55", "currency": "USD"}'

/** A notice with some members otherwise; `undefined` leaves a member out. */
export function notice(change: Record<string, unknown> = {}): string {
  return JSON.stringify({ ...JSON.parse(firstNotice), ...change })
}

/** The notice with its amount as this very JSON text, which no object in JavaScript could hold. */
export function noticeWithAmount(amountJson: string, currency = 'USD'): string {
  const parties = '"reference_number":"payer1","account_number":"partner1"'
  return `{${parties},"amount":${amountJson},"currency":"${currency}"}`
}

/** Posts a notice at africa_bank's door. */
export function tell(url: string, body: string | Buffer, headers: Headers = {}): Promise<Answer> {
  return http(`${url}/africa_bank`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
}

export function withKey(key: string): Headers {
  return { 'idempotency-key': key }
}
