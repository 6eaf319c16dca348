import { describe, expect, it } from '@jest/globals'
import { recoveryCommands } from '../../src/delivery/index.ts'

const failingSince = Date.UTC(2026, 10, 21, 10, 40)
const route = { id: 'rte_1', accountId: 'partner1', ordering: null }

describe('the commands that bring what was missed', () => {
  it('look for what failed from a day earlier on, and for what never came', () => {
    expect(recoveryCommands(route, failingSince)).toEqual([
      'manage delivery redeliver-all --route rte_1 --status failed --from 2026-11-20T10:40:00.000Z',
      'manage route replay partner1 rte_1 --from 2026-11-21T10:40:00.000Z',
    ])
  })

  it('bring what was parked where the order is strict', () => {
    const [tried] = recoveryCommands({ ...route, ordering: 'strict' }, failingSince)
    expect(tried).toContain('--status parked')
  })

  it('can be pasted, whatever the account is called', () => {
    const [, never] = recoveryCommands({ ...route, accountId: "it's; $(date)" }, failingSince)
    expect(never).toContain(` replay 'it'\\''s; $(date)' rte_1 `)
  })
})
