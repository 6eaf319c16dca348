import { readFileSync } from 'node:fs'
import type { Giro } from '../src/compose.ts'
import {
  listPartners,
  newSecret,
  samplePartnerFile,
  samplePartnerOrigin,
} from '../src/party/index.ts'
import { pathOf } from '../src/platform/config/index.ts'
import { Refused, UserError } from '../src/platform/problem.ts'
import { keptOnce } from '../src/platform/secret.ts'

/** payer1, partner1 and a route to the sample partner. What is there already stays. */
export async function createSampleData({ parties, config }: Giro): Promise<string[]> {
  const { samplePartnerPort: port, dataDir } = config
  const payer = { id: 'payer1', name: 'Sample payer' }
  const partner = { account_id: 'partner1', name: 'Sample partner' }
  const route = {
    notify_method: 'api' as const,
    contact_path: `${samplePartnerOrigin(port)}/payments`,
  }
  // The secret is kept before the route is: whoever is interrupted between them can go on.
  const file = samplePartnerFile(pathOf(dataDir))
  keptOnce(file, () => `${JSON.stringify({ secret: newSecret() })}\n`)
  const secret = samplePartnerSecret(dataDir)
  const made = {
    payer1: await unlessThere(parties.createPayer(payer)),
    partner1: await unlessThere(parties.createPartner(partner)),
    'a route to the sample partner': await parties.createFirstRoute('partner1', route, secret),
  }
  return Object.entries(made).flatMap(([what, isNew]) => (isNew ? [what] : []))
}

/** Whether it was created; false where another was quicker. */
async function unlessThere(creation: Promise<unknown>): Promise<boolean> {
  try {
    await creation
    return true
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'already_exists') return false
    throw error
  }
}

/** True on a first run: nobody is registered yet. */
export async function isEmpty({ database }: Giro): Promise<boolean> {
  return (await database.read((db) => listPartners(db, 1, null))).length === 0
}

export function samplePartnerSecret(dataDir: string): string {
  const file = samplePartnerFile(pathOf(dataDir))
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { secret: string }).secret
  } catch {
    throw new UserError(`There is no secret in ${file}: run manage create-sample-data.`)
  }
}
