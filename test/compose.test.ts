import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { createDatabase, openGiro } from '../src/compose.ts'
import { UserError } from '../src/platform/problem.ts'
import { serviceSuite } from './platform/service.suite.ts'
import { atEnd } from './support/at-end.ts'
import { temporaryFolder } from './support/folder.ts'
import { http } from './support/http.ts'
import { repository } from './support/program.ts'
import { quietLog } from './support/quiet-log.ts'

const environment = (more: Record<string, string> = {}) => ({
  DATA_DIR: join(temporaryFolder(), 'data'),
  PORT: '0',
  ...more,
})

async function aGiro(more: Record<string, string> = {}) {
  const { DATABASE_URL = `sqlite:${join(temporaryFolder(), 'giro.db')}` } = more
  const given = environment({ ...more, DATABASE_URL })
  await createDatabase(given)
  const giro = await openGiro(given, quietLog().log)
  atEnd(() => giro.close())
  return giro
}

serviceSuite('the API', async () => (await aGiro()).api())

serviceSuite('the payment processor', async () => (await aGiro()).daemon())

describe('every part that runs for long', () => {
  it('is put through the contract of services by some test', () => {
    const parts = globSync('src/**/*.ts', { cwd: repository }).filter((path) =>
      /\b(?:service|looping)\(\{/.test(readFileSync(repository + path, 'utf8')),
    )
    expect(parts.toSorted()).toEqual([
      'src/delivery/lanes.ts',
      'src/delivery/usher.ts',
      'src/delivery/warner.ts',
      'src/event/news.ts',
      'src/event/number.ts',
      'src/party/forget.ts',
      'src/platform/database/listener.ts',
      'src/platform/database/poll.ts',
      'src/platform/http/server.ts',
      'src/platform/loop.ts',
      'src/platform/service.ts',
      'src/proof/archive.ts',
      'src/redelivery/worker.ts',
    ])
    for (const part of parts) {
      const test = part.replace('src/', 'test/').replace('.ts', '.test.ts')
      expect(readFileSync(repository + test, 'utf8')).toContain('serviceSuite(')
    }
  })
})

describe('Giro, put together', () => {
  it('is ready once its API has started', async () => {
    const api = (await aGiro()).api()
    await api.start()
    atEnd(() => api.stop())
    expect((await http(`${api.url()}/readyz`)).status).toBe(200)
  })

  it('is not ready while the spool is full', async () => {
    const giro = await aGiro({ SPOOL_MAX_BYTES: '1' })
    await giro.database.write(async (db) => {
      const { keep, original } = await import('../src/proof/index.ts')
      const headers = { secretHeaders: new Set<string>(), headers: {} }
      const where = { method: 'POST', path: '/', remoteAddress: '', receivedDate: 0, ...headers }
      const body = Buffer.from('{}')
      const one = original({ id: 'prf_1', bank: 'africa_bank', body, ...where })
      await keep(db, [{ original: one, outcome: 'accepted' }])
    })
    const api = giro.api()
    await api.start()
    atEnd(() => api.stop())
    const { status, json } = await http(`${api.url()}/readyz`)
    expect([status, json.detail]).toEqual([503, expect.stringContaining('spool')])
  })

  it('opens the same database again after it was closed', async () => {
    const DATA_DIR = join(temporaryFolder(), 'data')
    const first = await aGiro({ DATA_DIR, DATABASE_URL: `sqlite:${DATA_DIR}/giro.db` })
    await first.parties.createPayer({ id: 'payer1', name: 'a payer' })
    await first.close()
    const second = await aGiro({ DATA_DIR, DATABASE_URL: `sqlite:${DATA_DIR}/giro.db` })
    await expect(second.parties.createPayer({ id: 'payer1', name: 'x' })).rejects.toThrow(
      'exists already',
    )
  })

  it.each([
    ['a lease that ends before an attempt does', { DELIVERY_LEASE: '5', DELIVERY_TIMEOUT: '5' }],
    ['a setting that is wrong', { PORT: 'http' }],
    ['a database that nobody created', {}],
  ])('says in a sentence that it cannot work with %s', async (_, more) => {
    const opening = openGiro(environment(more), quietLog().log)
    await expect(opening).rejects.toThrow(UserError)
    await expect(opening).rejects.toThrow(/^[A-Z].*\.$/)
  })

  it('opens no door that everybody could walk through', async () => {
    const giro = await aGiro({ HOST: '0.0.0.0' })
    expect(() => giro.api()).toThrow('set AFRICA_BANK_TOKEN')
  })
})
