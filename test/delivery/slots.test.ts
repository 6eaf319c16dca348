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

  it('never leave a route without one', () => {
    const slots = createSlots(1)
    expect(slots.room('route')).toBe(1)
    slots.take('route')
    slots.release('route', false)
    expect(slots.room('route')).toBe(1)
  })
})
