import { addRoute } from '../support/giro.ts'
import type { Operator } from '../support/http.ts'
import {
  type Behaviour,
  breaksOff,
  type Heard,
  neverAnswers,
  openPartner,
  says,
  verified,
} from '../support/partner.ts'
import { type Chance, seeded } from '../support/seeded.ts'

export type Told = { id: string; account: string; body: string; webhookId: string }

const accounts = ['fine', 'slow', 'bad', 'strict', 'strict-bad'] as const

/** Those whose routes keep the order of the payments. */
export const strictAccounts: string[] = ['strict', 'strict-bad']

function behaviours(chance: Chance): Record<(typeof accounts)[number], Behaviour> {
  const fine = says(204)
  return {
    fine,
    slow: (...args) => setTimeout(() => fine(...args), chance.between(0, 150)),
    // Well below the share of failures at which their lanes would open.
    bad: (...args) =>
      (chance.happens(0.75) ? fine : chance.oneOf([says(500), breaksOff, neverAnswers]))(...args),
    strict: fine,
    'strict-bad': (...args) =>
      (chance.happens(0.03)
        ? neverAnswers
        : chance.oneOf([fine, fine, fine, says(500), breaksOff, fine, fine]))(...args),
  }
}

/** Partners of different tempers, each with an account of its name and a route. */
export async function openPartners(api: Operator, seed: number) {
  const tempers = behaviours(seeded(seed))
  const told: Told[] = []
  const forged: unknown[] = []
  for (const account of accounts) {
    const partner = await openPartner()
    await api.post('/partners', { account_id: account, name: account })
    const ordering = strictAccounts.includes(account) ? 'strict' : 'none'
    const { secret } = await addRoute(api, partner.url, { account, ordering })
    partner.does((response, heard, count) => {
      // At once, as a signature is good for some minutes only.
      try {
        told.push(toldBy(heard, account, secret))
      } catch (error) {
        forged.push(error)
      }
      tempers[account](response, heard, count)
    })
  }
  return {
    accounts: [...accounts] as [string, ...string[]],
    /** All that was heard with a good signature. */
    heard: () => told,
    /** Why other signatures were not good. */
    forged,
  }
}

function toldBy(heard: Heard, account: string, secret: string): Told {
  const { id } = verified(heard, secret).data.payment
  const webhookId = `${heard.headers['webhook-id']}`
  return { id, account, body: heard.body.toString(), webhookId }
}
