import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import { type Answer, everything, http } from '../support/http.ts'
import { openPartner } from '../support/partner.ts'
import { query, sqlitePlace } from '../support/place.ts'
import { expectUnavailable } from '../support/problem.ts'
import type { Settings } from '../support/program.ts'
import { smallDisk } from '../support/small-disk.ts'
import { until } from '../support/until.ts'

/** While the archive is full, the pauses between two looks grow to half a minute. */
const timeLimitMs = 120_000

const padding = 'x'.repeat(20_000)

/** By its serial number; what else it says takes room. */
const padded = (serial: number) => notice({ serial, padding })

/** Payments that were acknowledged, each with the notice of which it was made. */
type Acknowledged = Map<string, string>

async function tellOne({ url }: Serving, acknowledged: Acknowledged): Promise<Answer> {
  const body = padded(acknowledged.size)
  const answer = await tell(url, body)
  if (answer.status === 201) acknowledged.set(answer.json.id, body)
  return answer
}

/** Everything acknowledged is there, told to the partner and archived byte for byte; no more is. */
async function expectAllKept(giro: Giro, { api }: Serving, acknowledged: Acknowledged) {
  const spooled = 'SELECT proof_id FROM spool LIMIT 1'
  const archived = async () => (await query(giro.place, spooled)).length === 0
  await until('everything is archived', archived, 60_000)
  const open = async () => (await api.get('/payments?status=received&limit=1')).json.data
  await until('everything is told', async () => (await open()).length === 0, 20_000)
  const payments = await everything(api, '/payments')
  expect(payments.map(({ id }) => id).toSorted()).toEqual([...acknowledged.keys()].toSorted())
  const archive = giro.settings.PROOF_STORE?.slice('file:'.length) ?? join(giro.dataDir, 'proofs')
  for (const { id, proof_key } of payments)
    expect(readFileSync(join(archive, proof_key), 'utf8')).toBe(acknowledged.get(id))
  expect(readdirSync(join(archive, '.incoming'))).toEqual([])
  await expectBooksToBalance(giro)
}

async function working(settings: Settings, dataDir?: string) {
  const opened = await openGiro({ DELIVERY_SCHEDULE: '0,0.5,0.5,0.5,0.5', ...settings })
  const giro = dataDir
    ? { ...opened, dataDir, place: sqlitePlace(join(dataDir, 'giro.db')) }
    : opened
  const serving = await giro.serve()
  await giro.processor()
  await registerSampleParties(serving.api)
  const partner = await openPartner()
  await addRoute(serving.api, partner.url)
  return { giro, serving, partner }
}

describe('a disk that is full', () => {
  it(
    'makes intake answer 503 until there is room, where it has all that Giro keeps',
    async () => {
      const disk = smallDisk({ megabytes: 12, taken: 8 })
      if (!disk) return
      const dataDir = join(disk.folder, 'data')
      const { giro, serving, partner } = await working({ DATA_DIR: dataDir }, dataDir)
      const acknowledged: Acknowledged = new Map()
      const refused = await until('the disk is full', async () => {
        const answer = await tellOne(serving, acknowledged)
        return answer.status !== 201 && answer
      })
      expectUnavailable(refused)
      expect(acknowledged.size).toBeGreaterThan(0)
      expectUnavailable(await http(`${serving.url}/readyz`))
      expect((await http(`${serving.url}/healthz`)).status).toBe(200)

      disk.makeRoom()
      const taken = async () => (await tellOne(serving, acknowledged)).status === 201
      await until('notices are taken again', taken, 5000)
      const ready = async () => (await http(`${serving.url}/readyz`)).status === 200
      await until('ready again', ready, 5000)
      await until('the partner is told', () => partner.heard.length > 0, 5000)
      await expectAllKept(giro, serving, acknowledged)
    },
    timeLimitMs,
  )

  it(
    'leaves intake and partners alone where it has the archive, which catches up',
    async () => {
      const disk = smallDisk({ megabytes: 3, taken: 2 })
      if (!disk) return
      const archive = join(disk.folder, 'proofs')
      const { giro, serving, partner } = await working({ PROOF_STORE: `file:${archive}` })
      const acknowledged: Acknowledged = new Map()
      for (let i = 0; i < 100; i += 1)
        expect((await tellOne(serving, acknowledged)).status).toBe(201)
      await partner.hears(100)
      const waiting = await query(giro.place, 'SELECT proof_id FROM spool')
      expect(waiting.length).toBeGreaterThan(0)
      for (const { id } of await everything(serving.api, '/proofs'))
        expect((await serving.api.get(`/proofs/${id}/content`)).status).toBe(200)

      disk.makeRoom()
      await expectAllKept(giro, serving, acknowledged)
    },
    timeLimitMs,
  )
})
