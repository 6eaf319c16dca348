import type { z } from 'zod'
import type { Db, Purpose } from '../platform/database/index.ts'
import { Refused } from '../platform/problem.ts'
import { check } from '../platform/text.ts'
import type { KeepDeps } from './keep.ts'
import { inputs, type Payer } from './party.ts'
import * as store from './store.ts'
import { viewPayer } from './view.ts'

export function keepPayers({ database, inUse, clock, tell }: KeepDeps) {
  return {
    createPayer: (given: z.input<typeof inputs.payer>) =>
      database.write(async (db) => {
        const checked = check(inputs.payer, given, 'The payer is not valid.')
        const payer = { ...checked, createDate: clock.now() }
        if ((await store.payersById(db, [payer.id])).has(payer.id))
          throw new Refused('already_exists', `The payer ${payer.id} exists already.`)
        await store.insertPayer(db, payer)
        await tell(db, 'payer.created', payer.id, viewPayer(payer))
        return payer
      }),

    changePayer: (id: string, change: z.input<typeof inputs.changeOfName>) =>
      database.write(async (db) => {
        const { name } = check(inputs.changeOfName, change, 'The change is not valid.')
        const payer = { ...(await payerOf(db, id, 'change')), name }
        await store.updatePayer(db, payer)
        await tell(db, 'payer.changed', id, viewPayer(payer))
        return payer
      }),

    deletePayer: (id: string) =>
      database.write(async (db) => {
        const payer = await payerOf(db, id, 'remove')
        if (await inUse.payer(db, id)) throw new Refused('in_use', `Payments name the payer ${id}.`)
        await store.deletePayer(db, id)
        await tell(db, 'payer.deleted', id, viewPayer(payer))
      }),
  }
}

async function payerOf(db: Db, id: string, purpose: Purpose): Promise<Payer> {
  const payer = (await store.payersById(db, [id], db.held(purpose))).get(id)
  if (!payer) throw new Refused('not_found', `There is no payer ${id}.`)
  return payer
}
