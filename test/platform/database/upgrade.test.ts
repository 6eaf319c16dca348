import { describe, expect, it } from '@jest/globals'
import type { DataSource } from 'typeorm'
import { createKeys } from '../../../src/access/index.ts'
import { schema } from '../../../src/compose.ts'
import { routesOf } from '../../../src/party/index.ts'
import { migrate, sourceOf } from '../../../src/platform/database/index.ts'
import { requireCurrent, statusOf } from '../../../src/platform/database/migrate.ts'
import { snake } from '../../../src/platform/database/table.ts'
import { atEnd } from '../../support/at-end.ts'
import { claimOn, recordOn, roadWithPayments, storedDeliveries } from '../../support/claiming.ts'
import { happen, numbered, numberedEvents, numberThem } from '../../support/event.ts'
import { arrive, type Road } from '../../support/road.ts'
import { next, strictRoad } from '../../support/strict.ts'
import { expectBooksToBalance } from '../../support/temp-database.ts'

const routes = 2
const count = 30
const limit = 20

/** In use: some deliveries are done, some have failed, some are claimed, some are due. */
async function inUse() {
  const road = await roadWithPayments({ routes, count })
  await recordOn(road, road.database, await claimOn(road, road.database, { limit }))
  await recordOn(road, road.database, await claimOn(road, road.database, { limit }), false)
  await claimOn(road, road.database, { limit: 5 })
  const requirePartner = async () => {}
  const keys = createKeys({ ...road.tools, database: road.database, requirePartner })
  await keys.create({ name: 'a key', scope: 'admin' })
  return { road, source: await sourceAt(road) }
}

async function sourceAt({ place }: Road): Promise<DataSource> {
  const source = sourceOf(place, schema)
  await source.initialize()
  atEnd(() => source.destroy())
  return source
}

/** Takes back all but the first migration; their names. */
async function toTheBeginning(source: DataSource): Promise<string[]> {
  const later = source.migrations.slice(1).map((one) => one.constructor.name)
  for (const _ of later) await source.undoLastMigration()
  return later
}

type Row = Record<string, unknown>

/** Every row that there was from the beginning or could be, with the columns it then had. */
async function rowsOf(source: DataSource): Promise<Record<string, Row[]>> {
  const later = [
    'leases',
    'facts',
    'old_secrets',
    'redeliveries',
    'sms_messages',
    'turns',
    'lanes',
    'warnings',
    'event_batches',
  ]
  const laterColumns: Record<string, string[]> = {
    routes: ['public_key', 'headers', 'auth', 'client_certificate', 'digest', 'ordering', 'policy'],
    deliveries: ['digest_id'],
    attempts: ['stage'],
    api_keys: ['account_id'],
    partners: ['contact_email'],
    events: ['batch_id', 'place', 'seq'],
  }
  const ofThen = (table: string) => (row: Row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !laterColumns[table]?.includes(name)))
  const tables = schema.tables.filter(({ name }) => !later.includes(name))
  const all: Record<string, Row[]> = {}
  for (const { name, description } of tables)
    all[name] = await inOrder(source, name, description.primary)
  for (const [name, rows] of Object.entries(all))
    all[name] = rows.filter(({ notify_method: method }) => method !== 'sms').map(ofThen(name))
  return all
}

function inOrder(source: DataSource, name: string, key: string[]): Promise<Row[]> {
  return source.query(`SELECT * FROM ${name} ORDER BY ${key.map(snake).join(', ')}`)
}

describe('a database of the first version that is in use', () => {
  it('comes to the tables of today with every row as it was', async () => {
    const { road, source } = await inUse()
    const before = await rowsOf(source)
    expect(before.payments).toHaveLength(count)
    expect(before.api_keys).toHaveLength(1)
    expect(before.attempts).toHaveLength(2 * limit)

    const later = await toTheBeginning(source)
    expect(await rowsOf(source)).toEqual(before)
    await expect(requireCurrent(source)).rejects.toThrow('run manage create-db')
    expect(await migrate(source)).toEqual(later)

    expect(await rowsOf(source)).toEqual(before)
    expect((await statusOf(source)).state).toBe('current')
    await expectBooksToBalance(road.database)
  })

  it('takes routes by SMS, which it did not before, and counts their attempts from 0', async () => {
    const { road, source } = await inUse()
    await toTheBeginning(source)
    const bySms = `UPDATE routes SET notify_method = 'sms'`
    await expect(source.query(bySms)).rejects.toThrow(/ck_routes_notify_method/)
    await migrate(source)
    await source.query(bySms)
    await expect(source.query(`UPDATE routes SET notify_method = 'fax'`)).rejects.toThrow(
      /ck_routes_notify_method/,
    )
    const totals = await inOrder(source, 'attempt_totals', ['id'])
    const counted = totals.map(({ id, count }) => `${id} ${count}`)
    expect(counted).toEqual(expect.arrayContaining(['sms delivered 0', 'sms failed 0']))
    await expectBooksToBalance(road.database)
  })

  it('keeps the numbers of its events, and gives those that have none the next', async () => {
    const { road, source } = await inUse()
    const ids = Array.from({ length: 700 }, (_, i) => `evt_${1000 + i}`)
    await happen(road.database, ids.slice(0, 600))
    await numberThem(road.database)
    await happen(road.database, ids.slice(600))
    const numbersIn = async (events: string): Promise<Row[]> => {
      const rows = await source.query(`SELECT id, seq FROM ${events} WHERE seq IS NOT NULL`)
      return rows.map(({ id, seq }: Row) => [Number(seq), id]).toSorted()
    }
    const before = await numbersIn(numbered)
    await toTheBeginning(source)
    expect(await numbersIn('events')).toEqual(before)
    await migrate(source)
    expect(await numbersIn(numbered)).toEqual(before)

    await numberThem(road.database)
    const events = await numberedEvents(road.database)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1))
    expect(events.map(({ id }) => id).slice(-700)).toEqual(ids)
  })

  it('goes on where it was: what is due is claimed, each delivery once', async () => {
    const { road, source } = await inUse()
    const open = (await storedDeliveries(road)).filter(({ status }) => status === 'pending')
    await toTheBeginning(source)
    await migrate(source)

    const first = await claimOn(road, road.database, { limit })
    const rest = await claimOn(road, road.database, { limit: count * routes })
    const claimed = [...first, ...rest].map(({ delivery }) => delivery.id)
    expect(claimed.toSorted()).toEqual(open.map(({ id }) => id).toSorted())
    await recordOn(road, road.database, [...first, ...rest])
    await expectBooksToBalance(road.database)
  })

  it('holds the lanes of routes that are disabled, and of no others', async () => {
    const { road, source } = await inUse()
    const [route] = await road.database.read((db) => routesOf(db, ['partner1']))
    await road.parties.changeRoute('partner1', `${route?.id}`, { enabled: false })
    await toTheBeginning(source)
    await migrate(source)
    const ids = (await road.database.read((db) => routesOf(db, ['partner1']))).map(({ id }) => id)
    const lanes = await road.database.read((db) => road.hooks.lanes.view(db, ids))
    expect(ids.map((id) => lanes.get(id)?.state)).toEqual(['disabled', 'closed'])
  })
})

describe('a database with strict routes', () => {
  it('comes back to the first version with what waits due, and what is parked failed', async () => {
    const road = await strictRoad()
    await arrive(road, 3)
    await recordOn(road, road.database, await next(road), false)
    const source = await sourceAt(road)
    await toTheBeginning(source)
    const rows: Row[] = await source.query('SELECT status FROM deliveries ORDER BY id')
    expect(rows.map(({ status }) => status)).toEqual(['failed', 'pending', 'pending'])
  })
})
