import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Giro } from '../src/compose.ts'
import { listPartners, partnersById, payersById, routesOf } from '../src/party/index.ts'
import { pathOf } from '../src/platform/config/index.ts'
import { UserError } from '../src/platform/problem.ts'

/** Where the sample partner finds the secret that its route was given. */
export function samplePartnerFile(dataDir: string): string {
  return join(pathOf(dataDir), 'sample-partner.json')
}

/** payer1, partner1 and a route to the sample partner. What is there already stays. */
export async function createSampleData({ database, parties, config }: Giro): Promise<string[]> {
  const there = await database.read(async (db) => ({
    payer: (await payersById(db, ['payer1'])).has('payer1'),
    partner: (await partnersById(db, ['partner1'])).has('partner1'),
    route: (await routesOf(db, ['partner1'])).length > 0,
  }))
  const made: string[] = []
  if (!there.payer) {
    await parties.createPayer({ id: 'payer1', name: 'Sample payer' })
    made.push('payer1')
  }
  if (!there.partner) {
    await parties.createPartner({ account_id: 'partner1', name: 'Sample partner' })
    made.push('partner1')
  }
  if (!there.route) {
    const { secret } = await parties.createRoute('partner1', {
      notify_method: 'api',
      contact_path: `http://127.0.0.1:${config.samplePartnerPort}/payments`,
    })
    const file = samplePartnerFile(config.dataDir)
    writeFileSync(file, `${JSON.stringify({ secret })}\n`, { mode: 0o600 })
    made.push('a route to the sample partner')
  }
  return made
}

/** True on a first run: nobody is registered yet. */
export async function isEmpty({ database }: Giro): Promise<boolean> {
  return (await database.read((db) => listPartners(db, 1, null))).length === 0
}

export function samplePartnerSecret(dataDir: string): string {
  const file = samplePartnerFile(dataDir)
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { secret: string }).secret
  } catch {
    throw new UserError(`There is no secret in ${file}: run manage create-sample-data.`)
  }
}
