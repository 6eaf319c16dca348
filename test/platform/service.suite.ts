import { describe, expect, it } from '@jest/globals'
import type { Service } from '../../src/platform/service.ts'

/** The contract of all that runs for long: each part of Giro has to pass it. */
export function serviceSuite(name: string, make: () => Promise<Service>): void {
  describe(`${name}, as a service`, () => {
    it('starts, and stops again', async () => {
      const one = await make()
      await one.start()
      await one.stop()
    })

    it('may be started twice, one after the other or at once', async () => {
      const one = await make()
      await Promise.all([one.start(), one.start()])
      await one.start()
      await one.stop()
    })

    it('may be stopped twice, one after the other or at once', async () => {
      const one = await make()
      await one.start()
      await Promise.all([one.stop(), one.stop()])
      await one.stop()
    })

    it('may be stopped before it was started, and stays stopped', async () => {
      const one = await make()
      await one.stop()
      await expect(one.start()).rejects.toThrow('stopped')
    })

    it('may be stopped while it starts', async () => {
      const one = await make()
      const started = one.start()
      await one.stop()
      await started
    })

    it('does not start again once it was stopped', async () => {
      const one = await make()
      await one.start()
      await one.stop()
      await expect(one.start()).rejects.toThrow('stopped')
    })

    it('may be started and stopped by many at once, whoever comes first', async () => {
      const one = await make()
      const calls = Array.from({ length: 20 }, (_, i) => (i % 3 === 2 ? one.stop() : one.start()))
      const settled = await Promise.allSettled(calls)
      expect(settled.filter((_, i) => i % 3 === 2).map(({ status }) => status)).not.toContain(
        'rejected',
      )
      await one.stop()
    })
  })
}
