import { describe, expect, it } from '@jest/globals'
import { fromIso } from '../../src/platform/clock.ts'
import { firstNotice, tell } from '../support/bank.ts'
import { addRoute, openGiro, registerSampleParties } from '../support/giro.ts'
import { everything } from '../support/http.ts'
import { freePort } from '../support/port.ts'

describe('the first entry of the schedule', () => {
  it('is spread by 20 % around what it says, like every other', async () => {
    const giro = await openGiro({ DELIVERY_SCHEDULE: '1000,5' })
    const { api, url } = await giro.serve()
    await registerSampleParties(api)
    await addRoute(api, `http://127.0.0.1:${await freePort()}/`)
    for (let i = 0; i < 5; i += 1) expect((await tell(url, firstNotice)).status).toBe(201)

    const delays = (await everything(api, '/deliveries')).map(
      ({ due_date, create_date }) => (fromIso(due_date) - fromIso(create_date)) / 1000,
    )
    expect(delays).toHaveLength(5)
    for (const delay of delays) {
      expect(delay).toBeGreaterThanOrEqual(800)
      expect(delay).toBeLessThanOrEqual(1200)
    }
    expect(new Set(delays).size).toBeGreaterThan(1)
  })
})
