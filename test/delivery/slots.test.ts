import { describe, expect, it } from '@jest/globals'
import { createSlots, type Slots } from '../../src/delivery/slots.ts'
import { knowing } from '../support/slots.ts'

/** A route that may have any number of slots. */
const on = (routeId: string, concurrency = 1000) => ({ routeId, concurrency })

/** How many more slots a route may take. */
function roomFor(slots: Slots, routeId: string): number {
  return slots.fitting(Array.from({ length: 100 }, () => on(routeId))).length
}

describe('the slots of a daemon', () => {
  it('leave a part to the others while one partner hangs', () => {
    const slots = knowing(10, ['hangs'])
    while (roomFor(slots, 'hangs') > 0) slots.take(on('hangs'))
    expect(slots.free()).toBe(2)
    expect(slots.full()).toEqual(['hangs'])
    expect(roomFor(slots, 'answers')).toBeGreaterThan(0)
  })

  it('let one go ahead on a route of which nothing is known, until it is told', () => {
    const slots = createSlots(50)
    expect([roomFor(slots, 'route'), slots.roomOn('route')]).toEqual([1, 1])
    slots.take(on('route'))
    expect([roomFor(slots, 'route'), slots.full()]).toEqual([0, ['route']])
    slots.release('route', { delivered: true })
    expect([roomFor(slots, 'route'), slots.full()]).toEqual([40, []])
    slots.take(on('route'))
    expect([roomFor(slots, 'route'), slots.roomOn('route')]).toEqual([39, 39])
  })

  it('shrink for a route that failed, and come back when it delivers', () => {
    const slots = createSlots(50)
    slots.take(on('route'))
    slots.release('route', { delivered: false })
    expect(roomFor(slots, 'route')).toBe(5)
    slots.take(on('route'))
    slots.release('route', { delivered: true })
    expect(roomFor(slots, 'route')).toBe(40)
  })

  it('leave half to the others, however many partners fail', () => {
    const slots = knowing(10, ['answers'])
    const dead = Array.from({ length: 20 }, (_, i) => on(`dead${i}`))
    for (const { routeId } of dead) {
      slots.take(on(routeId))
      slots.release(routeId, { delivered: false })
    }
    const taken = slots.fitting([...dead, on('answers')])
    expect(taken.map(({ routeId }) => routeId)).toEqual([
      ...['dead0', 'dead1', 'dead2', 'dead3', 'dead4'],
      'answers',
    ])
    for (const { routeId } of taken) slots.take(on(routeId))
    expect(slots.full()).toHaveLength(20)
    expect(slots.full()).not.toContain('answers')
    slots.release('dead0', { delivered: true })
    expect(roomFor(slots, 'dead1')).toBe(0)
    expect(roomFor(slots, 'dead7')).toBe(1)
  })

  it('are given again to a route that delivers when it may have some at once', () => {
    const slots = knowing(50, ['quick'])
    for (let i = 0; i < 40; i += 1) slots.take(on('quick'))
    for (let i = 0; i < 9; i += 1) slots.release('quick', { delivered: true })
    expect(slots.full()).toEqual(['quick'])
    slots.release('quick', { delivered: true })
    expect(slots.full()).toEqual([])
  })

  it('are given one by one to a route on which all that is under way lasts', () => {
    const slots = knowing(10, ['hangs'])
    for (let i = 0; i < 7; i += 1) slots.take(on('hangs'))
    for (let i = 0; i < 6; i += 1) slots.giveBack('hangs')
    expect(slots.full()).toEqual(['hangs'])
    slots.giveBack('hangs')
    expect([slots.full(), slots.roomOn('hangs')]).toEqual([[], 1])
    slots.take(on('hangs'))
    expect(slots.full()).toEqual(['hangs'])
  })

  it('are not given beside what goes alone on its route', () => {
    const slots = knowing(50, ['digest'])
    slots.take(on('digest'))
    slots.take({ ...on('digest'), alone: true })
    slots.release('digest', { delivered: true })
    expect([slots.full(), roomFor(slots, 'digest')]).toEqual([['digest'], 0])
    slots.release('digest', { delivered: true })
    expect([slots.full(), roomFor(slots, 'digest')]).toEqual([[], 40])
  })

  it('never leave a route without one', () => {
    const slots = createSlots(1)
    expect(roomFor(slots, 'route')).toBe(1)
    slots.take(on('route'))
    slots.release('route', { delivered: false })
    expect(roomFor(slots, 'route')).toBe(1)
  })

  it('are given back by what lasts, while its route still has as many under way', () => {
    const slots = knowing(10, ['hangs', 'other'])
    for (let i = 0; i < 8; i += 1) slots.take(on('hangs'))
    for (let i = 0; i < 8; i += 1) expect(slots.giveBack('hangs')).toBe(true)
    expect([slots.free(), slots.without(), roomFor(slots, 'hangs')]).toEqual([10, 8, 0])
    expect(slots.roomOn('other')).toBe(8)
    slots.release('hangs', { delivered: true, without: true })
    expect([slots.free(), slots.without(), roomFor(slots, 'hangs')]).toEqual([10, 7, 1])
  })

  it('are kept by what lasts once five times as many are under way without one', () => {
    const slots = createSlots(1)
    for (let i = 0; i < 5; i += 1) {
      slots.take(on(`dead${i}`))
      expect(slots.giveBack(`dead${i}`)).toBe(true)
    }
    slots.take(on('dead5'))
    expect([slots.giveBack('dead5'), slots.free()]).toEqual([false, 0])
    slots.release('dead0', { delivered: false, without: true })
    expect([slots.giveBack('dead5'), slots.free()]).toEqual([true, 1])
  })

  it('are never all held by what lasts, however many may be under way on each route', () => {
    const hanging = Array.from({ length: 100 }, (_, i) => `hangs${i}`)
    const slots = knowing(50, [...hanging, 'another'])
    for (let wave = 0; wave < 100; wave += 1) {
      const taken = slots.fitting(hanging.map((route) => on(route))).slice(0, slots.free())
      for (const one of taken) slots.take(one)
      for (const { routeId } of taken) expect(slots.giveBack(routeId)).toBe(true)
    }
    expect(slots.without()).toBeGreaterThan(125)
    expect(slots.without()).toBeLessThan(5 * 50)
    expect([slots.free(), roomFor(slots, 'another')]).toEqual([50, 1])
  })

  it('are fewer for each route from a quarter of all that may last on', () => {
    const slots = knowing(50, ['hangs', 'answers'])
    const hang = (count: number) => {
      for (let i = 0; i < count; i += 1) {
        slots.take(on('hangs'))
        slots.giveBack('hangs')
      }
    }
    hang(62)
    expect([slots.free(), slots.roomOn('answers')]).toEqual([50, 40])
    hang(32)
    expect([slots.free(), slots.roomOn('answers')]).toEqual([50, 20])
    expect(roomFor(slots, 'answers')).toBeLessThan(20)
  })

  it('are taken by failing routes up to their half, those without a slot apart', () => {
    const slots = createSlots(10)
    for (let i = 0; i < 5; i += 1) {
      slots.take(on(`dead${i}`))
      slots.release(`dead${i}`, { delivered: false })
      slots.take(on(`dead${i}`))
    }
    slots.take(on('dead5'))
    slots.release('dead5', { delivered: false })
    expect(roomFor(slots, 'dead5')).toBe(0)
    slots.giveBack('dead0')
    expect(roomFor(slots, 'dead5')).toBe(1)
  })
})
