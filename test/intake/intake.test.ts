import { describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { createIntake } from '../../src/intake/index.ts'
import { payments } from '../../src/payment/index.ts'
import { sql } from '../../src/platform/database/index.ts'
import { Refused } from '../../src/platform/problem.ts'
import { quietLog } from '../support/quiet-log.ts'
import { openRoad } from '../support/road.ts'
import { heard } from '../support/test-bank.ts'

async function intakeOf({ spoolMaxBytes = 1_000_000 } = {}) {
  const road = await openRoad()
  await road.parties.createPayer({ id: 'payer1', name: 'a payer' })
  await road.partner('partner1', 1)
  const { log, lines } = quietLog()
  const metrics = new Registry()
  const { database, tools } = road
  const intake = createIntake({
    ...tools,
    database,
    log,
    metrics,
    firstDelayMs: () => 0,
    spoolMaxBytes,
  })
  const take = (text: string, key: string | null = null) => intake.take(heard(road, text, key))
  return { road, intake, take, lines, metrics }
}

const text = 'payer1 partner1 5500'

describe('taking notices in', () => {
  it('answers after the commit: what was answered is there', async () => {
    const { road, take } = await intakeOf()
    await take(text)
    const count = () => road.database.read((db) => db.select(payments, sql`WHERE 1 = 1`))
    expect(await count()).toHaveLength(1)
    await Promise.all(Array.from({ length: 50 }, () => take(text)))
    expect(await count()).toHaveLength(51)
  })

  it('is refused as unavailable while the spool is full, and taken again afterwards', async () => {
    const { road, take } = await intakeOf({ spoolMaxBytes: 30 })
    await take(text)
    road.clock.advance(1000)
    await take(text)
    road.clock.advance(1000)
    const refused = take(text)
    await expect(refused).rejects.toThrow(Refused)
    await expect(refused).rejects.toMatchObject({ refusal: { code: 'unavailable' } })
    await road.database.write((db) => db.run(sql`UPDATE spool_totals SET proofs = 0, bytes = 0`))
    road.clock.advance(1000)
    expect(await take(text)).toMatchObject({ outcome: 'accepted' })
  })

  it('tells the road of a payment line by line', async () => {
    const { take, lines } = await intakeOf()
    await take(text)
    expect(lines.map(({ msg }) => msg)).toEqual(['proof kept', 'payment booked'])
  })

  it('counts notices by bank and outcome, and those who are nobody too', async () => {
    const { intake, take, metrics } = await intakeOf()
    await take(text, 'k')
    await take(text, 'k')
    await take('nobody partner1 1')
    await take('nonsense')
    intake.notAuthenticated('lines_bank', '192.0.2.1')
    const told = await metrics.getSingleMetricAsString('giro_notices_total')
    for (const outcome of ['accepted', 'duplicate', 'refused', 'unreadable', 'unauthorized'])
      expect(told).toContain(`giro_notices_total{bank="lines_bank",outcome="${outcome}"} 1`)
    expect(await metrics.getSingleMetricAsString('giro_intake_seconds')).toContain(
      'giro_intake_seconds_count 4',
    )
  })
})
