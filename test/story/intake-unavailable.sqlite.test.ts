import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, notice, tell, withKey } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { paymentIn } from '../support/delivery.ts'
import {
  addRoute,
  type Giro,
  openGiro,
  registerSampleParties,
  type Serving,
} from '../support/giro.ts'
import { everything, http, operator } from '../support/http.ts'
import { openPartner } from '../support/partner.ts'
import { fileOf } from '../support/place.ts'
import { freePort } from '../support/port.ts'
import { expectUnavailable } from '../support/problem.ts'
import { startProgram } from '../support/program.ts'
import { until } from '../support/until.ts'

async function ids({ api }: Pick<Serving, 'api'>): Promise<string[]> {
  return (await everything(api, '/payments')).map(({ id }) => id).toSorted()
}

describe('a spool that is full', () => {
  const SPOOL_MAX_BYTES = '2000'
  const acknowledged: string[] = []
  let giro: Giro
  let serving: Serving

  beforeAll(async () => {
    giro = await openGiro({ SPOOL_MAX_BYTES })
    serving = await giro.serve()
    await registerSampleParties(serving.api)
  })

  it('makes intake answer 503 with Retry-After, while nothing is archived', async () => {
    const refused = await until('a notice is answered with something else than 201', async () => {
      const answer = await tell(serving.url, firstNotice)
      if (answer.status !== 201) return answer
      acknowledged.push(answer.json.id)
      return null
    })
    expectUnavailable(refused)
    expect(acknowledged.length).toBeGreaterThan(2000 / firstNotice.length)
  })

  it('makes /readyz say 503, and leaves /healthz and the operator API as they are', async () => {
    expectUnavailable(await http(`${serving.url}/readyz`))
    expect((await http(`${serving.url}/healthz`)).status).toBe(200)
    expect(await ids(serving)).toEqual(acknowledged.toSorted())
  })

  it('is open again once the payment processor has archived', async () => {
    const processor = await giro.processor()
    const taken = await until('intake takes a notice again', async () => {
      const answer = await tell(serving.url, firstNotice)
      return answer.status === 201 && answer
    })
    acknowledged.push(taken.json.id)
    await until('ready again', async () => (await http(`${serving.url}/readyz`)).status === 200)
    expect(await ids(serving)).toEqual(acknowledged.toSorted())
    await expectBooksToBalance(giro)
    await processor.end()
  })
})

describe('a database file that is not where it was', () => {
  const acknowledged: string[] = []
  let giro: Giro
  let serving: Serving
  let away: string

  beforeAll(async () => {
    giro = await openGiro()
    away = `${fileOf(giro.place)}.away`
    serving = await giro.serve()
    await registerSampleParties(serving.api)
    acknowledged.push((await tell(serving.url, firstNotice)).json.id)
  })

  it('makes intake answer 503 when it was moved away', async () => {
    renameSync(fileOf(giro.place), away)
    expectUnavailable(await tell(serving.url, firstNotice))
    expectUnavailable(await http(`${serving.url}/readyz`))
    expectUnavailable(await serving.api.post('/payers', { id: 'p', name: 'P' }))
  })

  it('makes intake answer 503 when another file is in its place', async () => {
    copyFileSync(away, fileOf(giro.place))
    expectUnavailable(await tell(serving.url, firstNotice, withKey('moved')))
    expectUnavailable(await http(`${serving.url}/readyz`))
    rmSync(fileOf(giro.place))
  })

  it('is used again when it is back, with all that was acknowledged and nothing else', async () => {
    renameSync(away, fileOf(giro.place))
    const answer = await tell(serving.url, firstNotice, withKey('moved'))
    expect(answer.status).toBe(201)
    acknowledged.push(answer.json.id)
    expect(await ids(serving)).toEqual(acknowledged.toSorted())
    expect((await http(`${serving.url}/readyz`)).status).toBe(200)
    await expectBooksToBalance(giro)
  })
})

describe('an archive that is out', () => {
  it('is said by /readyz, and keeps neither banks nor partners waiting', async () => {
    const giro = await openGiro()
    const serving = await giro.serve()
    await giro.processor()
    await registerSampleParties(serving.api)
    const partner = await openPartner()
    await addRoute(serving.api, partner.url)
    const folder = join(giro.dataDir, 'proofs')
    renameSync(folder, `${folder}.away`)
    expectUnavailable(await http(`${serving.url}/readyz`))
    const { status, json } = await tell(serving.url, firstNotice)
    expect(status).toBe(201)
    const { proof } = await paymentIn(serving.api, json.id, 'notified')
    const content = async () => (await serving.api.get(`/proofs/${proof.id}/content`)).bytes
    expect(await content()).toEqual(Buffer.from(firstNotice))

    rmSync(folder, { recursive: true, force: true })
    renameSync(`${folder}.away`, folder)
    expect((await http(`${serving.url}/readyz`)).status).toBe(200)
    await until('the archive holds the proof', () => existsSync(join(folder, proof.proof_key)))
    expect(await content()).toEqual(Buffer.from(firstNotice))
    await expectBooksToBalance(giro)
  })
})

describe('a disk that takes no more', () => {
  it('makes intake answer 503, and what was acknowledged is there after a restart', async () => {
    const giro = await openGiro()
    const port = await freePort()
    const limited = startProgram(
      '/bin/bash',
      ['-c', 'ulimit -f 600; exec "$0" cli/manage.ts serve', process.execPath],
      { ...giro.settings, PORT: `${port}` },
    )
    await limited.said('listening')
    const url = `http://127.0.0.1:${port}`
    await registerSampleParties(operator(url, giro.key))
    const acknowledged: string[] = []
    const padding = 'x'.repeat(20_000)
    const refused = await until('the disk is full', async () => {
      const answer = await tell(url, notice({ padding }))
      if (answer.status !== 201) return answer
      acknowledged.push(answer.json.id)
      return null
    })
    expectUnavailable(refused)
    expect(acknowledged.length).toBeGreaterThan(0)
    expect((await http(`${url}/healthz`)).status).toBe(200)
    await limited.end('SIGKILL')

    const serving = await giro.serve()
    expect(await ids(serving)).toEqual(acknowledged.toSorted())
    await expectBooksToBalance(giro)
    await serving.end()
  })
})
