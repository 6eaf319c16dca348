import { describe, expect, it } from '@jest/globals'
import { oldSecrets } from '../../src/party/index.ts'
import { type Database, sql } from '../../src/platform/database/index.ts'
import { claimOn, roadWithPayments } from '../support/claiming.ts'
import { openRoad, type Road } from '../support/road.ts'

const day = 86_400
const given = { notify_method: 'api' as const, contact_path: 'http://127.0.0.1:9/' }
const sealedOf = ({ secret }: { secret: string }) => secret

async function roadWithRoute() {
  const road = await openRoad()
  await road.parties.createPartner({ account_id: 'partner1', name: 'a partner' })
  const { route, secret } = await road.parties.createRoute('partner1', given)
  const rotate = (overlap?: number) => road.parties.rotateSecret('partner1', route.id, { overlap })
  return { road, route, secret, rotate }
}

const kept = (database: Database) => database.read((db) => db.select(oldSecrets, sql`ORDER BY id`))

/** In clear, what the daemon signs with now; every payment of the road is on its first route. */
async function signing(road: Road): Promise<string[]> {
  const [first] = await claimOn(road, road.database, { limit: 1 })
  if (!first) throw new Error('nothing is due')
  return [first.route.secret ?? '', ...first.oldSecrets].map(road.vault.open)
}

describe('a rotation', () => {
  it('makes a new secret, and lets the old one sign until the overlap is over', async () => {
    const road = await roadWithPayments({ routes: 1, count: 4 })
    const [before] = await signing(road)
    const { routeId: id } = (await claimOn(road, road.database, { limit: 1 }))[0]?.delivery ?? {}
    const { secret } = await road.parties.rotateSecret('partner1', `${id}`, { overlap: 60 })
    expect(secret).not.toBe(before)
    expect(await signing(road)).toEqual([secret, before])
    road.clock.advance(60_000)
    expect(await signing(road)).toEqual([secret])
  })

  it('has an overlap of a day unless told otherwise', async () => {
    const { road, rotate } = await roadWithRoute()
    const { oldSecretEndDate } = await rotate()
    expect(oldSecretEndDate).toBe(road.clock.now() + day * 1000)
    expect(await kept(road.database)).toMatchObject([{ endDate: oldSecretEndDate }])
  })

  it('with an overlap of 0 ends every old secret at once', async () => {
    const { road, rotate } = await roadWithRoute()
    await rotate()
    await rotate(0)
    const ended = (await kept(road.database)).filter(({ endDate }) => endDate > road.clock.now())
    expect(ended).toEqual([])
  })

  it('lets no old secret live longer than its own overlap', async () => {
    const { road, rotate } = await roadWithRoute()
    await rotate(3600)
    await rotate(60)
    await rotate(7200)
    const left = (await kept(road.database)).map(({ endDate }) => endDate - road.clock.now())
    expect(left).toEqual([60_000, 60_000, 7_200_000])
  })

  it('is refused while four old secrets are good, since signatures share one header', async () => {
    const { road, rotate } = await roadWithRoute()
    for (let i = 0; i < 4; i += 1) await rotate(60)
    await expect(rotate(60)).rejects.toMatchObject({ refusal: { code: 'in_use' } })
    road.clock.advance(60_000)
    await rotate(60)
  })

  it.each([-1, 1.5, 7 * day + 1])('is refused with an overlap of %d', async (overlap) => {
    const { rotate } = await roadWithRoute()
    await expect(rotate(overlap)).rejects.toMatchObject({
      refusal: { code: 'invalid', errors: [{ pointer: '/overlap' }] },
    })
  })

  it('is refused for e-mail, which is not signed', async () => {
    const { road } = await roadWithRoute()
    const mail = { notify_method: 'email' as const, contact_path: 'till@shop.example' }
    const { route } = await road.parties.createRoute('partner1', mail)
    await expect(road.parties.rotateSecret('partner1', route.id, {})).rejects.toMatchObject({
      refusal: { code: 'invalid', detail: expect.stringContaining('only the method api signs') },
    })
  })

  it('of a route with a key pair makes another pair, and both sign during the overlap', async () => {
    const { road } = await roadWithRoute()
    const made = await road.parties.createRoute('partner1', { ...given, signature: 'v1a' })
    expect(made).toMatchObject({
      secret: null,
      route: { publicKey: expect.stringMatching(/^whpk_/) },
    })
    const { id } = made.route
    const rotated = await road.parties.rotateSecret('partner1', id, {})
    expect(rotated.secret).toBeNull()
    expect(rotated.route.publicKey).toMatch(/^whpk_/)
    expect(rotated.route.publicKey).not.toBe(made.route.publicKey)
    const sealed = [`${rotated.route.secret}`, ...(await kept(road.database)).map(sealedOf)]
    const opened = sealed.map(road.vault.open).map((one) => Buffer.from(one.slice(5), 'base64'))
    const publicKeys = opened.map((one) => `whpk_${one.subarray(32).toString('base64')}`)
    expect(publicKeys).toEqual([rotated.route.publicKey, made.route.publicKey])
  })

  it('takes along its old secrets when the route is deleted', async () => {
    const { road, route, rotate } = await roadWithRoute()
    await rotate()
    await road.parties.deleteRoute('partner1', route.id)
    expect(await kept(road.database)).toEqual([])
  })
})
