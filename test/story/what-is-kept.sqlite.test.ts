import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { firstNotice, tell } from '../support/bank.ts'
import { addRoute, openGiro, registerSampleParties } from '../support/giro.ts'
import { everything, rawHttp } from '../support/http.ts'
import { fileOf } from '../support/place.ts'
import { freePort } from '../support/port.ts'
import { expectProblem } from '../support/problem.ts'

describe('the key under which secrets are kept', () => {
  it('is asked for where it is lost or another, and nothing starts without it', async () => {
    const giro = await openGiro()
    const serving = await giro.serve()
    await registerSampleParties(serving.api)
    await addRoute(serving.api, `http://127.0.0.1:${await freePort()}/`)
    await serving.end()

    const key = join(giro.dataDir, 'secret.key')
    renameSync(key, `${key}.away`)
    const lost = await giro.manage('payment', 'list')
    expect(lost.code).toBe(1)
    expect(lost.stderr).toMatch(/^The secrets of routes need the key in .*: put it back\.\n$/)
    writeFileSync(key, `${'ab'.repeat(32)}\n`)
    const another = await giro.manage('payment', 'list')
    expect(another.code).toBe(1)
    expect(another.stderr).toMatch(/^SECRET_KEY is not the key of this database/)
    renameSync(`${key}.away`, key)
    expect((await giro.manage('payment', 'list')).code).toBe(0)
  })
})

describe('a write-ahead log that was removed under a running Giro', () => {
  it('makes intake answer 503 rather than acknowledge what would be lost', async () => {
    const giro = await openGiro()
    const serving = await giro.serve()
    await registerSampleParties(serving.api)
    expect((await tell(serving.url, firstNotice)).status).toBe(201)
    rmSync(`${fileOf(giro.place)}-wal`)
    expectProblem(await tell(serving.url, firstNotice), { status: 503, code: 'unavailable' })
  })
})

describe('a notice with broken HTTP behind it', () => {
  it('is never answered with the 400 of what came after it', async () => {
    const giro = await openGiro()
    const serving = await giro.serve()
    await registerSampleParties(serving.api)
    const head = [
      'POST /africa_bank HTTP/1.1',
      'host: bank',
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(firstNotice)}`,
    ]
    const request = `${head.join('\r\n')}\r\n\r\n${firstNotice}`
    const answer = await rawHttp(serving.url, `${request}GARBAGE\r\n\r\n`).catch(() => '')
    expect(answer).not.toContain('400')
    expect(await everything(serving.api, '/payments')).toHaveLength(1)
  })
})
