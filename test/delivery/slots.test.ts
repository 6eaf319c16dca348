import { describe, expect, it } from '@jest/globals'
import { createSlots, type Slots } from '../../src/delivery/slots.ts'

/** A route that may have any number of slots. */
const on = (routeId: string, concurrency = 1000) => ({ routeId, concurrency })

/** How many more slots a route may take. */
function roomFor(slots: Slots, routeId: string): number {
  return slots.fitting(Array.from({ length: 100 }, () => on(routeId))).length
}

describe('the slots of a daemon', () => {
  it('leave a part to the others while one partner hangs', () => {
    const slots = createSlots(10)
    while (roomFor(slots, 'hangs') > 0) slots.take(on('hangs'))
    expect(slots.free()).toBe(2)
    expect(slots.full()).toEqual(['hangs'])
    expect(roomFor(slots, 'answers')).toBeGreaterThan(0)
  })

  it('shrink for a route that failed, and come back when it delivers', () => {
    const slots = createSlots(50)
    slots.take(on('route'))
    slots.release('route', false)
    expect(roomFor(slots, 'route')).toBe(5)
    slots.take(on('route'))
    slots.release('route', true)
    expect(roomFor(slots, 'route')).toBe(40)
  })

  it('leave half to the others, however many partners fail', () => {
    const slots = createSlots(10)
    const dead = Array.from({ length: 20 }, (_, i) => on(`dead${i}`))
    for (const { routeId } of dead) {
      slots.take(on(routeId))
      slots.release(routeId, false)
    }
    const taken = slots.fitting([...dead, on('answers')])
    expect(taken.map(({ routeId }) => routeId)).toEqual([
      ...['dead0', 'dead1', 'dead2', 'dead3', 'dead4'],
      'answers',
    ])
    for (const { routeId } of taken) slots.take(on(routeId))
    expect(slots.full()).toHaveLength(20)
    expect(slots.full()).not.toContain('answers')
    slots.release('dead0', true)
    expect(roomFor(slots, 'dead1')).toBe(0)
    expect(roomFor(slots, 'dead7')).toBe(1)
  })

  it('are given again to a route that delivers when it may have some at once', () => {
    const slots = createSlots(50)
    for (let i = 0; i < 40; i += 1) slots.take(on('quick'))
    for (let i = 0; i < 9; i += 1) slots.release('quick', true)
    expect(slots.full()).toEqual(['quick'])
    slots.release('quick', true)
    expect(slots.full()).toEqual([])
  })

  it('are not given beside what goes alone on its route', () => {
    const slots = createSlots(50)
    slots.take(on('digest'))
    slots.take({ ...on('digest'), alone: true })
    slots.release('digest', true)
    expect([slots.full(), roomFor(slots, 'digest')]).toEqual([['digest'], 0])
    slots.release('digest', true)
    expect([slots.full(), roomFor(slots, 'digest')]).toEqual([[], 40])
  })

  it('never leave a route without one', () => {
    const slots = createSlots(1)
    expect(roomFor(slots, 'route')).toBe(1)
    slots.take(on('route'))
    slots.release('route', false)
    expect(roomFor(slots, 'route')).toBe(1)
  })
})
