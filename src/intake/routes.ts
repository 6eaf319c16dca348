import type { IncomingMessage } from 'node:http'
import { type Answering, type Door, readBody, send, sendProblem } from '../platform/http/index.ts'
import type { Log } from '../platform/log.ts'
import type { Refusal } from '../platform/problem.ts'
import type { Tools } from '../platform/tools.ts'
import { original } from '../proof/index.ts'
import type { Read } from './bank.ts'
import type { OpenBank } from './banks.ts'
import type { Intake } from './intake.ts'

type Deps = Tools & { intake: Intake; banks: OpenBank[]; log: Log; timeoutMs: number }

const maxBytes = 1024 * 1024

/** The doors: `POST /<bank>`, one for each bank. */
export function intakeDoors(deps: Deps): Map<string, Door> {
  return new Map(
    deps.banks.map((open) => [
      `/${open.bank.name}`,
      (request, response) => hear(open, request, response, deps),
    ]),
  )
}

async function hear(
  { bank, door }: OpenBank,
  request: IncomingMessage,
  response: Answering,
  deps: Deps,
): Promise<void> {
  const { intake, clock, newId, log, timeoutMs } = deps
  const arrived = await readBody(request, { maxBytes, timeoutMs })
  if (!arrived.ok) return sendProblem(response, arrived.refusal)

  const { headers, method = '', url: path = '' } = request
  const notice = { headers, body: arrived.body, remoteAddress: request.socket.remoteAddress ?? '' }
  if (!bank.authenticates(notice, door)) {
    intake.notAuthenticated(bank.name, notice.remoteAddress)
    return sendProblem(response, { code: 'unauthorized', detail: `This is not ${bank.name}.` })
  }
  const id = newId('prf')
  const requestId = response.locals.requestId
  log.info(
    { bank: bank.name, bytes: notice.body.length, proof: id, request_id: requestId },
    'notice heard',
  )
  const { name, secretHeaders } = bank
  const heard = { id, bank: name, method, path, ...notice, secretHeaders }
  const key = idempotencyKey(headers['idempotency-key'])
  const verdict = await intake.take({
    bank,
    original: original({ ...heard, receivedDate: clock.now() }),
    read: key.ok ? bank.read(notice) : (key satisfies Read),
    idempotencyKey: key.ok ? key.value : null,
  })
  const { answer, replayed } = verdict
  if (!answer.ok) return sendProblem(response, answer.refusal)
  if (replayed) response.setHeader('idempotent-replayed', 'true')
  send(response, answer.status, answer.contentType, answer.body)
}

type Key = { ok: true; value: string | null } | { ok: false; refusal: Refusal }

/** 1 to 255 visible ASCII characters. Sent twice, it has a comma and a blank, and is refused. */
function idempotencyKey(header: string | string[] | undefined): Key {
  if (header === undefined) return { ok: true, value: null }
  const value = String(header)
  if (/^[\x21-\x7e]{1,255}$/.test(value)) return { ok: true, value }
  const detail = 'The Idempotency-Key must have 1 to 255 visible ASCII characters.'
  return { ok: false, refusal: { code: 'idempotency_key_invalid', detail } }
}
