import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { firstNotice, notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { temporaryFolder } from '../support/folder.ts'
import { toLoopback } from '../support/giro.ts'
import { http, type Json, type Operator, operator } from '../support/http.ts'
import { openPartner, type Partner, verified } from '../support/partner.ts'
import { sqlitePlace } from '../support/place.ts'
import { answers, freePort } from '../support/port.ts'
import {
  type Program,
  repository,
  runManage,
  startManage,
  startProgram,
} from '../support/program.ts'
import { until } from '../support/until.ts'

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

let dataDir: string
let settings: Record<string, string>
let program: Program
let url: string
let api: Operator
let answer: Awaited<ReturnType<typeof tell>>

/** Where it listens, once it says so. */
async function listens(started: Program): Promise<string> {
  const line = await until(
    () => `a greeting in:\n${started.lines.join('\n')}`,
    () => started.lines.find((one) => one.startsWith('Giro listens on ')),
  )
  return line.slice('Giro listens on '.length)
}

async function payment(id: string): Promise<Json> {
  return (await api.get(`/payments/${id}`)).json
}

beforeAll(async () => {
  dataDir = join(temporaryFolder(), 'not', 'there', 'yet')
  const SAMPLE_PARTNER_PORT = `${await freePort()}`
  settings = { DATA_DIR: dataDir, PORT: '0', SAMPLE_PARTNER_PORT, ...toLoopback }
  program = startProgram(join(repository, 'scripts/manage'), ['start'], settings)
  url = await listens(program)
  const created = await runManage(
    ['key', 'create', '--name', 'story', '--scope', 'admin', '--json'],
    settings,
  )
  api = operator(url, JSON.parse(created.stdout).key)
  answer = await tell(url, firstNotice)
})

describe('start, on an empty folder', () => {
  it('greets with where it listens, where the data is, and the curl to paste', () => {
    const greeting = program.lines.join('\n')
    expect(greeting).toContain(`Its data is in  ${dataDir}`)
    expect(greeting).toContain(
      `curl -H "Content-type: application/json" -X POST ${url}/africa_bank \\\n` +
        `  -d '${firstNotice}'`,
    )
  })

  it('is ready: the database, the spool and the archive are there', async () => {
    expect((await http(`${url}/readyz`)).status).toBe(200)
    expect((await http(`${url}/healthz`)).status).toBe(200)
  })

  it('keeps its secrets where only their owner can read them', () => {
    for (const file of ['secret.key', 'sample-partner.json'])
      expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600)
  })
})

describe('the first payment', () => {
  it('is answered 201 with the payment, and with nothing that will change but its status', () => {
    expect(answer.status).toBe(201)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.json).toEqual({
      id: expect.stringMatching(/^pay_\w+$/),
      reference_number: 'payer1',
      account_number: 'partner1',
      amount: '55.00',
      currency: 'USD',
      status: 'received',
      proof_key: expect.stringMatching(/^africa_bank\/\d{4}\/\d\d\/\d\d\/prf_\w+\.bin$/),
      payment_bank_date: null,
      payment_received_date: isoTime,
    })
  })

  it('shows its road line by line: heard, kept, booked, told, verified', async () => {
    for (const msg of [
      'notice heard',
      'proof kept',
      'payment booked',
      'partner told',
      'sample partner: signature verified',
    ])
      expect(await program.said(msg)).toMatchObject({ level: 30 })
  })

  it('becomes notified, with the time at which all was done', async () => {
    const whole = await until('the payment is notified', async () => {
      const now = await payment(answer.json.id)
      return now.status === 'notified' && now
    })
    expect(whole).toMatchObject({ ...answer.json, status: 'notified', process_error: false })
    expect(whole.payment_processed_date).toEqual(isoTime)
    expect(whole.payment_processed_date >= whole.payment_received_date).toBe(true)
  })

  it('keeps the notice byte for byte, in the API and as an object of the archive', async () => {
    const { proof } = await payment(answer.json.id)
    const content = await api.get(`/proofs/${proof.id}/content`)
    expect(content.bytes).toEqual(Buffer.from(firstNotice))

    const file = join(dataDir, 'proofs', answer.json.proof_key)
    await until('the archive holds the proof', () => existsSync(file))
    expect(readFileSync(file)).toEqual(Buffer.from(firstNotice))
    const after = await api.get(`/proofs/${proof.id}/content`)
    expect(after.bytes).toEqual(Buffer.from(firstNotice))
  })

  it('leaves the books balanced, with 55.00 at the partner', async () => {
    const { data: accounts } = (await api.get('/accounts')).json
    expect(accounts.map((one: Json) => [one.currency, one.balance]).toSorted()).toEqual([
      ['USD', '-55.00'],
      ['USD', '55.00'],
    ])
    await expectBooksToBalance({ place: sqlitePlace(join(dataDir, 'giro.db')) })
    expect((await runManage(['books'], settings)).code).toBe(0)
  })

  it('is seen in the numbers of the one process', async () => {
    const { bytes } = await http(`${url}/metrics`)
    const text = bytes.toString()
    expect(text).toMatch(/^giro_notices_total\{bank="africa_bank",outcome="accepted"\} 1$/m)
    expect(text).toMatch(
      /^giro_delivery_attempts_total\{notify_method="api",result="delivered"\} 1$/m,
    )
  })
})

describe('a partner of one’s own', () => {
  let partner: Partner
  let secret: string
  let told: Awaited<ReturnType<typeof tell>>

  beforeAll(async () => {
    partner = await openPartner()
    const commands = [
      ['partner', 'create', 'shop', '--name', 'A shop'],
      ['payer', 'create', 'ann', '--name', 'Ann'],
    ]
    for (const command of commands) expect((await runManage(command, settings)).code).toBe(0)
    const route = ['route', 'create', 'shop', '--method', 'api', '--to', partner.url, '--json']
    secret = JSON.parse((await runManage(route, settings)).stdout).secret
    const body = notice({
      reference_number: 'ann',
      account_number: 'shop',
      payment_date: '2026-11-20',
    })
    told = await tell(url, body)
  })

  it('hears a signed webhook that holds exactly what never changes', async () => {
    const [heard] = await partner.hears(1)
    const event = verified(heard as (typeof partner.heard)[0], secret)
    const whole = await payment(told.json.id)
    expect(event).toEqual({
      type: 'payment.received',
      timestamp: isoTime,
      data: {
        payment: {
          id: told.json.id,
          bank: 'africa_bank',
          reference_number: 'ann',
          account_number: 'shop',
          amount: '55.00',
          currency: 'USD',
          payment_bank_date: '2026-11-20',
          payment_received_date: told.json.payment_received_date,
          proof_sha256: whole.proof.sha256,
        },
      },
    })
    expect(heard?.headers['content-type']).toBe('application/json')
  })

  it('refuses a webhook whose body was changed on the way', async () => {
    const [heard] = await partner.hears(1)
    const forged = Buffer.from(`${heard?.body}`.replace('55.00', '95.00'))
    expect(() =>
      verified({ ...(heard as (typeof partner.heard)[0]), body: forged }, secret),
    ).toThrow(/signature/i)
  })
})

describe('a route test', () => {
  it('is taken by the sample partner, as whoever tries the command will see', async () => {
    const [route] = (await api.get('/partners/partner1/routes')).json.data
    const tried = await runManage(['route', 'test', 'partner1', route.id, '--json'], settings)
    expect(JSON.parse(tried.stdout)).toMatchObject({ delivered: true, status: 204 })
    expect(tried.code).toBe(0)
  })
})

describe('Ctrl-C', () => {
  it('ends all of it with exit code 0 and leaves nothing behind', async () => {
    const children = childrenOf(program.pid)
    expect(children).toHaveLength(1)
    // A terminal sends the signal to every process of the group.
    process.kill(-program.pid, 'SIGINT')
    expect(await program.exited).toEqual({ code: 0, signal: null })
    expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
    expect(await answers(Number(settings.SAMPLE_PARTNER_PORT))).toBe(false)
    expect(await answers(Number(new URL(url).port))).toBe(false)
    expect(readdirSync(dataDir).toSorted()).toEqual([
      'giro.db',
      'proofs',
      'sample-partner.json',
      'secret.key',
    ])
    expect(readdirSync(join(dataDir, 'proofs', '.incoming'))).toEqual([])
  })

  it('keeps everything for the next start, which is ready in under 3 seconds', async () => {
    const took: number[] = []
    // The machine may be busy with something else for a while.
    while (took.length < 5 && !took.some((ms) => ms < 3000)) {
      const began = performance.now()
      const again = startManage(['start'], settings)
      const next = await listens(again)
      expect((await http(`${next}/readyz`)).status).toBe(200)
      took.push(performance.now() - began)
      expect(again.lines.join('\n')).not.toContain('created')
      expect(await again.end('SIGINT')).toEqual({ code: 0, signal: null })
    }
    expect(Math.min(...took)).toBeLessThan(3000)
    await expectBooksToBalance({ place: sqlitePlace(join(dataDir, 'giro.db')) })
  })
})

function childrenOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter((child) => child !== '')
}
