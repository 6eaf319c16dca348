import { describe, expect, it } from '@jest/globals'
import { createSlots } from '../../src/delivery/slots.ts'

describe('the slots of a daemon', () => {
  it('leave a part to the others while one partner hangs', () => {
    const slots = createSlots(10)
    while (slots.room('hangs') > 0) slots.take('hangs')
    expect(slots.free()).toBe(2)
    expect(slots.full()).toEqual(['hangs'])
    expect(slots.room('answers')).toBeGreaterThan(0)
  })

  it('shrink for a route that failed, and come back when it delivers', () => {
    const slots = createSlots(50)
    slots.take('route')
    slots.release('route', false)
    expect(slots.room('route')).toBe(5)
    slots.take('route')
    slots.release('route', true)
    expect(slots.room('route')).toBe(40)
  })

  it('leave half to the others, however many partners fail', () => {
    const slots = createSlots(10)
    const dead = Array.from({ length: 20 }, (_, i) => ({ routeId: `dead${i}` }))
    for (const { routeId } of dead) {
      slots.take(routeId)
      slots.release(routeId, false)
    }
    const taken = slots.fitting([...dead, { routeId: 'answers' }])
    expect(taken.map(({ routeId }) => routeId)).toEqual([
      ...['dead0', 'dead1', 'dead2', 'dead3', 'dead4'],
      'answers',
    ])
    for (const { routeId } of taken) slots.take(routeId)
    expect(slots.full()).toHaveLength(20)
    expect(slots.full()).not.toContain('answers')
    slots.release('dead0', true)
    expect(slots.room('dead1')).toBe(0)
    expect(slots.room('dead7')).toBe(1)
  })

  it('never leave a route without one', () => {
    const slots = createSlots(1)
    expect(slots.room('route')).toBe(1)
    slots.take('route')
    slots.release('route', false)
    expect(slots.room('route')).toBe(1)
  })
})
