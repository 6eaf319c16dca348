import { addRoute } from '../support/giro.ts'
import type { Operator } from '../support/http.ts'
import {
  type Behaviour,
  breaksOff,
  type Heard,
  neverAnswers,
  openPartner,
  type Partner,
  says,
  verified,
} from '../support/partner.ts'
import { type Chance, seeded } from '../support/seeded.ts'

export type Told = { id: string; account: string; body: string; webhookId: string }

const accounts = ['fine', 'slow', 'bad'] as const

function behaviours(chance: Chance): Record<(typeof accounts)[number], Behaviour> {
  const fine = says(204)
  return {
    fine,
    slow: (...args) => setTimeout(() => fine(...args), chance.between(0, 150)),
    bad: (...args) => chance.oneOf([fine, fine, fine, says(500), breaksOff, neverAnswers])(...args),
  }
}

/** Three partners of different tempers, each with an account of its name and a route. */
export async function openPartners(api: Operator, seed: number) {
  const tempers = behaviours(seeded(seed))
  const partners: { account: string; partner: Partner; secret: string }[] = []
  for (const account of accounts) {
    const partner = await openPartner(tempers[account])
    await api.post('/partners', { account_id: account, name: account })
    const { secret } = await addRoute(api, partner.url, { account })
    partners.push({ account, partner, secret })
  }
  return {
    accounts: [...accounts] as [string, ...string[]],
    /** All that was heard, each with a good signature. */
    heard: (): Told[] =>
      partners.flatMap(({ account, partner, secret }) =>
        partner.heard.map((one) => toldBy(one, account, secret)),
      ),
  }
}

function toldBy(heard: Heard, account: string, secret: string): Told {
  const { id } = verified(heard, secret).data.payment
  const webhookId = `${heard.headers['webhook-id']}`
  return { id, account, body: heard.body.toString(), webhookId }
}
