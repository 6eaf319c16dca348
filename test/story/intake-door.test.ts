import { networkInterfaces } from 'node:os'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import { type Headers, http } from '../support/http.ts'
import { query } from '../support/place.ts'
import { expectProblem } from '../support/problem.ts'
import { runManage } from '../support/program.ts'

const token = 'correct-horse-battery'

describe('beyond loopback', () => {
  let giro: Giro

  beforeAll(async () => {
    giro = await openGiro()
  })

  it.each(['0.0.0.0', '::', '192.0.2.1'])(
    'serve refuses to start on HOST %s without AFRICA_BANK_TOKEN, in one sentence',
    async (HOST) => {
      const { code, stdout, stderr } = await runManage(['serve'], { ...giro.settings, HOST })
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^.*AFRICA_BANK_TOKEN.*\.\n$/)
    },
  )

  it('start refuses as well', async () => {
    const settings = { ...giro.settings, HOST: '0.0.0.0' }
    const { code, stderr } = await runManage(['start'], settings)
    expect(code).toBe(1)
    expect(stderr.trim().split('\n').at(-1)).toMatch(/AFRICA_BANK_TOKEN.*\.$/)
  })

  it('shows /metrics to nobody from outside without METRICS_TOKEN', async () => {
    const serving = await giro.serve({ HOST: '0.0.0.0', AFRICA_BANK_TOKEN: token })
    const { port } = new URL(serving.url)
    expect((await http(`http://127.0.0.1:${port}/metrics`)).status).toBe(200)
    for (const address of outerAddresses())
      expectProblem(await http(`http://${address}:${port}/metrics`), {
        status: 401,
        code: 'unauthorized',
      })
    await serving.end()
  })
})

describe('a door with a token', () => {
  let giro: Giro
  let serving: Serving

  beforeAll(async () => {
    giro = await openGiro()
    serving = await giro.serve({ HOST: '0.0.0.0', AFRICA_BANK_TOKEN: token })
    await registerSampleParties(serving.api)
  })

  it.each<[string, Headers]>([
    ['without credentials', {}],
    ['with another token', { authorization: 'Bearer correct-horse-batterz' }],
    ['with the beginning of the token', { authorization: 'Bearer correct' }],
    ['with an empty token', { authorization: 'Bearer ' }],
    ['with the token in another scheme', { authorization: `Basic ${token}` }],
    ['with an API key', { authorization: `Bearer ${'giro_'.padEnd(48, 'x')}` }],
  ])('answers 401 %s, and keeps nothing', async (_how, headers) => {
    const answer = await tell(serving.url, firstNotice, headers)
    expectProblem(answer, { status: 401, code: 'unauthorized' })
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expect(await query(giro.place, 'SELECT id FROM proofs')).toEqual([])
  })

  it('counts and logs who was not let in', async () => {
    const { bytes } = await http(`${serving.url}/metrics`)
    const line = /^giro_notices_total\{bank="africa_bank",outcome="unauthorized"\} 6$/m
    expect(bytes.toString()).toMatch(line)
    expect(await serving.said('notice not authenticated')).toMatchObject({ bank: 'africa_bank' })
  })

  it('takes a notice with the token, and tells the token to nobody', async () => {
    const headers = { authorization: `Bearer ${token}` }
    expect((await tell(serving.url, firstNotice, headers)).status).toBe(201)
    const [proof] = (await serving.api.get('/proofs')).json.data
    expect(proof.outcome).toBe('accepted')
    expect(JSON.stringify(proof)).not.toContain(token)
    expect(JSON.stringify(await query(giro.place, 'SELECT headers FROM proofs'))).not.toContain(
      token,
    )
    expect(serving.lines.join('\n')).not.toContain(token)
    await expectBooksToBalance(giro)
  })
})

function outerAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address)
}
