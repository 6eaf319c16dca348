import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  admits,
  closed,
  defaultRules,
  forever,
  heldBy,
  type Lane,
  laneAfter,
  newLane,
  type Outcome,
  probing,
} from '../../src/delivery/breaker.ts'

const start = 1_000_000
const leaseMs = 60_000

const good: Outcome = {
  claimId: 'clm',
  delivered: true,
  error: null,
  slows: false,
  retryAfterMs: null,
  recent: [],
}
const bad: Outcome = { ...good, delivered: false, error: 'no answer' }
const busy: Outcome = { ...bad, slows: true, error: 'the partner answered 503' }

/** A lane after these outcomes, all at one time. */
function judged(outcomes: Outcome[], lane: Lane = newLane('rte'), now = start): Lane {
  const at = { now, random: () => 0.5, rules: defaultRules }
  return outcomes.reduce((before, outcome) => laneAfter(before, outcome, at), lane)
}

const times = (count: number, outcome: Outcome) => Array<Outcome>(count).fill(outcome)

/** Open since `start`, and its pause is over. */
const opened = () => judged(times(10, bad))

describe('a breaker', () => {
  it('opens after ten failures in a row, and not where one of them got through', () => {
    expect(judged(times(9, bad))).toMatchObject({ state: 'closed', failures: 9 })
    expect(judged([...times(9, bad), good, ...times(9, bad)]).state).toBe('closed')
    const lane = opened()
    expect(lane).toMatchObject({ state: 'open', openings: 1, failingSince: start })
    expect(lane.heldUntil).toBe(start + 10_000)
    expect(lane.reason).toBe('10 attempts failed in a row; the last: no answer')
  })

  it('opens when half of at least twenty tries in a minute failed', () => {
    const of = (tries: number, failed: number) => [
      { ...bad, recent: [{ from: start, tries, failed }] },
    ]
    expect(judged(of(19, 19)).state).toBe('closed')
    expect(judged(of(21, 10)).state).toBe('closed')
    expect(judged(of(20, 10))).toMatchObject({
      state: 'open',
      reason: '10 of 20 attempts failed within a minute; the last: no answer',
    })
  })

  it('does not count again what was tried before it closed', () => {
    const lane = closed(opened(), start + 20_000)
    const recent = [{ from: start, tries: 40, failed: 40 }]
    expect(judged([{ ...bad, recent }], lane).state).toBe('closed')
  })

  it('lets one try through when its pause is over, and closes when that got through', () => {
    const lane = opened()
    expect([admits(lane, start + 9_999), admits(lane, start + 10_000)]).toEqual(['none', 'one'])
    const probed = probing(lane, 'clm', start + leaseMs)
    expect([admits(probed, start + 1), admits(probed, start + leaseMs)]).toEqual(['none', 'one'])
    expect(judged([good], probed)).toMatchObject({
      state: 'closed',
      heldUntil: null,
      failures: 0,
      failingSince: null,
      reason: null,
      openings: 1,
    })
  })

  it('heeds no result but that of the one try, though any success ends the time of failing', () => {
    const probed = probing(opened(), 'clm of another', start + leaseMs)
    expect(judged([bad], probed)).toMatchObject({ state: 'half_open', failures: 11 })
    expect(judged([good], probed)).toMatchObject({ state: 'half_open', failingSince: null })
    expect(judged([good], opened())).toMatchObject({ state: 'open', failingSince: null })
  })

  it('waits twice as long after each try that failed, and ten minutes at most', () => {
    let [lane, now] = [opened(), start]
    const pauses = Array.from({ length: 8 }, () => {
      now = lane.heldUntil ?? 0
      lane = judged([bad], probing(lane, 'clm', now + leaseMs), now)
      return (lane.heldUntil ?? 0) - now
    })
    expect(pauses).toEqual([20, 40, 80, 160, 320, 600, 600, 600].map((s) => s * 1000))
    expect(lane.openings).toBe(1)
  })
})

describe('a lane that fails for long', () => {
  const rules = { ...defaultRules, disableAfterMs: 1000 }
  const triedAt = (ms: number, lane: Lane, outcome = bad) =>
    laneAfter(lane, outcome, { now: start + ms, random: () => 0.5, rules })

  it('reaches each share of its time once, however often it fails', () => {
    let lane = newLane('rte')
    const reached = [0, 499, 500, 501, 749, 750, 999, 1000, 5000].map((ms) => {
      lane = triedAt(ms, lane)
      return lane.warned
    })
    expect(reached).toEqual([null, null, 50, 50, 50, 75, 75, 100, 100])
  })

  it('begins anew after a success, and not when it is resumed', () => {
    const old = triedAt(600, triedAt(0, newLane('rte')))
    expect(closed(old, start + 700)).toMatchObject({ warned: 50, failingSince: start })
    expect(triedAt(700, old, good)).toMatchObject({ warned: null, failingSince: null })
    const probed = probing({ ...old, state: 'open' }, 'clm', start + leaseMs)
    expect(triedAt(700, probed, good)).toMatchObject({ warned: null, failingSince: null })
    expect(triedAt(1500, triedAt(700, old, good)).warned).toBeNull()
  })

  it('says how much of its time is over since the first failure, whatever came before', () => {
    const tries = fc.array(fc.record({ ms: fc.nat(600), isGood: fc.nat(9).map((n) => n === 0) }))
    fc.assert(
      fc.property(tries, (all) => {
        let [lane, now, since] = [newLane('rte'), 0, null as number | null]
        for (const { ms, isGood } of all) {
          now += ms
          since = isGood ? null : (since ?? now)
          lane = triedAt(now, lane, isGood ? good : bad)
          const percent = since === null ? 0 : (now - since) / 10
          const reached = [50, 75, 100].filter((share) => percent >= share)
          expect(lane.warned).toBe(reached.at(-1) ?? null)
        }
      }),
    )
  })

  it('reaches nothing where no time is set', () => {
    expect(judged([bad], judged([bad]), start + 10 ** 12).warned).toBeNull()
  })
})

describe('a partner that asks for later', () => {
  it('has its lane held as long as it says, from a second to an hour', () => {
    const held = (ms: number) => (judged([{ ...busy, retryAfterMs: ms }]).heldUntil ?? 0) - start
    expect([held(0), held(7000), held(86_400_000)]).toEqual([1000, 7000, 3_600_000])
  })

  it('has it held for a moment that grows where it does not say how long', () => {
    let [lane, now] = [newLane('rte'), start]
    const pauses = Array.from({ length: 4 }, () => {
      lane = judged([busy], lane, now)
      const pause = (lane.heldUntil ?? 0) - now
      now += pause
      return pause
    })
    expect(pauses).toEqual([1000, 2000, 4000, 8000])
    expect(judged([good], lane, now)).toMatchObject({ pauses: 0, heldUntil: null })
  })

  it('is answered by what was under way without growing it, and a success does not end it', () => {
    const held = judged([busy, busy, busy])
    expect(held).toMatchObject({ pauses: 1, heldUntil: start + 1000, failures: 3 })
    expect(judged([good], held)).toMatchObject({ heldUntil: start + 1000, failingSince: null })
    expect(judged([{ ...busy, retryAfterMs: 5000 }], held).heldUntil).toBe(start + 5000)
  })

  it('holds an open lane longer than its pause where it says so', () => {
    const asked = { ...busy, retryAfterMs: 120_000 }
    expect(judged([...times(9, bad), asked]).heldUntil).toBe(start + 120_000)
    const probed = probing(opened(), 'clm', start + leaseMs)
    expect(judged([asked], probed).heldUntil).toBe(start + 120_000)
  })
})

type Step = { do: 'claim' | 'good' | 'bad' | 'busy' | 'resume' | 'wait'; ms: number }

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('claim', 'claim', 'good', 'bad', 'bad', 'bad', 'busy', 'resume', 'wait'),
  ms: fc.constantFrom(1, 1000, 12_000, leaseMs, 3_700_000),
})

describe('a lane, whatever comes', () => {
  it('has never more than one try while it is open, and is held for an hour at most', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        let [lane, now, claims] = [newLane('rte'), start, 0]
        let underWay: { claimId: string; isProbe: boolean; until: number }[] = []
        for (const { do: what, ms } of steps) {
          if (what === 'wait') now += ms
          underWay = underWay.filter(({ until }) => until > now)
          const admitted = admits(lane, now)
          if (what === 'claim' && admitted !== 'none') {
            claims += 1
            const claimId = `clm_${claims}`
            const isProbe = admitted === 'one'
            underWay.push({ claimId, isProbe, until: now + leaseMs })
            if (isProbe) lane = probing(lane, claimId, now + leaseMs)
          }
          if (what === 'resume') {
            lane = closed(lane, now)
            underWay = underWay.map((one) => ({ ...one, isProbe: false }))
          }
          const [first] = underWay
          if (first && ['good', 'bad', 'busy'].includes(what)) {
            underWay.shift()
            const outcome = { good, bad, busy: { ...busy, retryAfterMs: ms } }[what as 'good']
            const before = lane
            lane = judged([{ ...outcome, claimId: first.claimId }], lane, now)
            if (first.isProbe) expect(lane.state).toBe(what === 'good' ? 'closed' : 'open')
            else if (before.state !== 'closed') expect(lane.state).toBe(before.state)
          }
          expect(underWay.filter(({ isProbe }) => isProbe).length).toBeLessThanOrEqual(1)
          expect((lane.heldUntil ?? 0) - now).toBeLessThanOrEqual(3_600_000)
          expect(lane.state === 'half_open').toBe(lane.probe !== null)
        }
        now = (lane.heldUntil ?? now) + 1
        if (lane.state !== 'closed') lane = probing(lane, 'clm', now)
        lane = judged([good], lane, now)
        expect(lane).toMatchObject({ state: 'closed', failures: 0, heldUntil: null })
      }),
      { numRuns: 300 },
    )
  })
})

describe('the lane of a disabled route', () => {
  it('stays held whatever is heard of it, also when it is resumed', () => {
    const disabled = heldBy(probing(opened(), 'clm', start + leaseMs), forever)
    for (const lane of [
      judged([good], disabled),
      judged([bad, busy], disabled),
      closed(disabled, start),
    ])
      expect(lane.heldUntil).toBe(forever)
  })
})
