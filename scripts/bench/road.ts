import { Agent, request } from 'undici'
import { check } from './case.ts'
import { notice } from './notice.ts'
import type { Partner } from './partner.ts'

const dispatcher = new Agent()

/** Milliseconds from the bank's POST to the partner's receipt. */
export async function roadOf(url: string, partner: Partner): Promise<number> {
  const heard = partner.hearing(1)
  const began = process.hrtime.bigint()
  await post(url)
  const { lastAt } = await heard
  partner.forget()
  return Number(lastAt - began) / 1e6
}

/** Milliseconds of one POST and its answer. */
export async function post(url: string): Promise<number> {
  const began = performance.now()
  const headers = { 'content-type': 'application/json', 'webhook-id': 'alone' }
  const answer = await request(url, { method: 'POST', headers, body: notice, dispatcher })
  await answer.body.dump()
  check(answer.statusCode < 300, `${url} answered ${answer.statusCode}`)
  return performance.now() - began
}
