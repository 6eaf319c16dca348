import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { notice, tell } from '../support/bank.ts'
import { expectBooksToBalance } from '../support/books.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Giro, openGiro, registerSampleParties, type Serving } from '../support/giro.ts'
import type { Json } from '../support/http.ts'
import { inParallel } from '../support/parallel.ts'

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const body = notice({ note: 'ünïcode, \u0001 and 😀' })

let giro: Giro
let serving: Serving

beforeAll(async () => {
  giro = await openGiro()
  serving = await giro.serve()
  await registerSampleParties(serving.api)
})

describe('what is created at the command line', () => {
  it('prints a key with exactly its id, name, scope and the key, which works', async () => {
    const key = await giro.ask('key', 'create', '--name', 'robot', '--scope', 'read')
    expect(key).toEqual({
      id: expect.stringMatching(/^key_/),
      name: 'robot',
      scope: 'read',
      key: expect.stringMatching(/^\S{32,}$/),
    })
    const [listed] = await giro.ask('key', 'list')
    expect(listed).toMatchObject({ id: key.id, name: 'robot', scope: 'read' })
    expect(JSON.stringify(listed)).not.toContain(key.key)
  })

  it('prints a payer and a partner as the API does', async () => {
    const payer = await giro.ask('payer', 'create', 'ann', '--name', 'Ann')
    expect(payer).toEqual({ id: 'ann', name: 'Ann', create_date: isoTime })
    expect((await serving.api.get('/payers/ann')).json).toEqual(payer)
    const partner = await giro.ask('partner', 'create', 'shop', '--name', 'Shop')
    expect(partner).toMatchObject({ account_id: 'shop', name: 'Shop', create_date: isoTime })
    expect((await serving.api.get('/partners/shop')).json).toEqual(partner)
  })

  it('prints a route with its secret, once', async () => {
    const create = ['route', 'create', 'shop', '--method', 'api', '--to', 'http://127.0.0.1:9/']
    const { secret, ...route } = await giro.ask(...create)
    expect(secret).toMatch(/^whsec_/)
    expect(await giro.ask('route', 'list', 'shop')).toEqual([route])
    expect((await serving.api.get(`/partners/shop/routes/${route.id}`)).json).toEqual(route)
    const mail = ['route', 'create', 'shop', '--method', 'email', '--to', 'till@shop.example']
    expect(await giro.ask(...mail)).toMatchObject({ notify_method: 'email' })
  })

  it('is changed and deleted there as well', async () => {
    await giro.ask('payer', 'create', 'gone', '--name', 'Gone')
    expect((await giro.ask('payer', 'change', 'gone', '--name', 'Left')).name).toBe('Left')
    const { code, stderr } = await giro.manage('payer', 'delete', 'gone')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect((await serving.api.get('/payers/gone')).status).toBe(404)
  })
})

describe('what is read with --json', () => {
  let payment: Json

  beforeAll(async () => {
    payment = (await tell(serving.url, body.replace('partner1', 'shop'))).json
    await tell(serving.url, notice({ reference_number: 'nobody' }))
  })

  it('is an array for a list, with the members that the API has', async () => {
    const lists = ['payer', 'partner', 'payment', 'proof', 'delivery']
    const paths = ['/payers', '/partners', '/payments', '/proofs', '/deliveries']
    const printed = await inParallel(lists, 2, (name) => giro.ask(name, 'list'))
    for (const [i, path] of paths.entries())
      expect({ path, data: printed[i] }).toEqual({
        path,
        data: (await serving.api.get(path)).json.data,
      })
    expect(await giro.ask('bank', 'list')).toEqual([
      expect.objectContaining({ name: 'africa_bank' }),
    ])
  })

  it('is an object for one thing, with the members that the API has', async () => {
    const whole = (await serving.api.get(`/payments/${payment.id}`)).json
    const { proof, deliveries } = whole
    const things: [string[], Json][] = [
      [['payment', 'show', payment.id], whole],
      [['proof', 'show', proof.id], proof],
      [['delivery', 'show', deliveries[0].id], deliveries[0]],
      [['partner', 'show', 'shop'], (await serving.api.get('/partners/shop')).json],
      [['payer', 'show', 'ann'], (await serving.api.get('/payers/ann')).json],
    ]
    const printed = await inParallel(things, 2, ([args]) => giro.ask(...args))
    for (const [i, [, expected]] of things.entries()) expect(printed[i]).toEqual(expected)
  })

  it('is filtered and limited as asked', async () => {
    const [found, other, limited, refused] = await inParallel(
      [
        ['payment', 'list', '--account', 'shop', '--reference', 'payer1', '--status', 'received'],
        ['payment', 'list', '--account', 'partner1'],
        ['proof', 'list', '--limit', '1'],
        ['proof', 'list', '--outcome', 'refused'],
      ],
      2,
      (args) => giro.ask(...args),
    )
    expect(found.map((one: Json) => one.id)).toEqual([payment.id])
    expect(other).toEqual([])
    expect(limited).toHaveLength(1)
    expect(refused).toMatchObject([{ outcome: 'refused' }])
  })

  it('puts a delivery on its way again', async () => {
    const [{ id }] = await giro.ask('delivery', 'list')
    expect(await giro.ask('delivery', 'redeliver', id)).toMatchObject({ id, status: 'pending' })
  })
})

describe('what is read by a person', () => {
  it('stands in lines, and no control character of a bank draws on the terminal', async () => {
    await giro.manage('payer', 'create', 'bell\u0007\u001b[31m', '--name', 'Bell')
    const { stdout, code } = await giro.manage('payer', 'list')
    expect(code).toBe(0)
    expect(stdout).toContain('payer1')
    expect(stdout).toContain('bell')
    expect(stdout).not.toMatch(/[^\P{Cc}\n\t]/u)
  })
})

describe('proof export', () => {
  it('writes the exact bytes to a file, and never over one', async () => {
    const [{ id }] = await giro.ask('proof', 'list', '--outcome', 'accepted')
    const file = join(temporaryFolder(), 'proof.bin')
    expect((await giro.manage('proof', 'export', id, file)).code).toBe(0)
    expect(readFileSync(file)).toEqual(Buffer.from(body.replace('partner1', 'shop')))
    const again = await giro.manage('proof', 'export', id, file)
    expect(again.code).toBe(1)
    expect(again.stderr).toMatch(/^[^\n]*proof\.bin[^\n]*\.\n$/)
  })

  it('writes the exact bytes to standard output, and nothing else', async () => {
    const [{ id }] = await giro.ask('proof', 'list', '--outcome', 'accepted')
    const { bytes, stderr } = await giro.manage('proof', 'export', id)
    expect(bytes).toEqual(Buffer.from(body.replace('partner1', 'shop')))
    expect(stderr).toBe('')
  })
})

describe('books', () => {
  it('balance, and exit with 0', async () => {
    expect(await giro.ask('books')).toMatchObject({ balanced: true, accounts: 2, transfers: 1 })
    await expectBooksToBalance(giro)
  })
})
