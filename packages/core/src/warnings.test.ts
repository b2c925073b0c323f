import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { concurrency } from './algorithms/concurrency/concurrency.js'
import { fixedWindow } from './algorithms/fixed-window/fixed-window.js'
import { penalty } from './algorithms/penalty/penalty.js'
import { quota } from './algorithms/quota/quota.js'
import { slidingWindow } from './algorithms/sliding-window/sliding-window.js'
import { tokenBucket } from './algorithms/token-bucket/token-bucket.js'
import { createLimiter, type LimiterOptions } from './limiter.js'
import type { Policy, PolicyOptions } from './policy.js'
import { memoryStore } from './stores/memory.js'
import { check, PATIENCE, SEEDED, same } from './testing/check.js'
import { scriptedStore } from './testing/scripted-store.js'
import { periodOf } from './testing/utc.js'
import { isNear, type Warning } from './warnings.js'

afterEach(() => vi.restoreAllMocks())

const NOW = Date.UTC(2030)
const window = (options: PolicyOptions = {}) =>
  slidingWindow({ limit: 20, window: '10s', warnAt: 0.8, ...options })

function setUp(policies: LimiterOptions['policies'], options: Partial<LimiterOptions> = {}) {
  const told: Warning[] = []
  const clock = { now: NOW }
  const onWarn = (warning: Warning) => void told.push(warning)
  const own = { name: 'api', store: memoryStore(), clock: () => clock.now, onWarn }
  return { told, clock, limiter: createLimiter({ ...own, ...options, policies }), onWarn }
}

describe('an advice to wait', () => {
  it('is given from the mark on, until the policy is full again', async () => {
    const { limiter, clock } = setUp({ route: window() })
    const advised: number[] = []
    for (let i = 0; i < 20; i++) advised.push((await limiter.consume('k')).adviseMs)
    expect(advised).toEqual([...Array(15).fill(0), ...Array(5).fill(10_000)])
    clock.now += 4000
    const refused = await limiter.consume('k')
    expect(refused).toMatchObject({ allowed: false, adviseMs: 0, policies: { route: { adviseMs: 6000 } } })
    clock.now += 6000
    expect(await limiter.consume('k')).toMatchObject({ adviseMs: 0, policies: { route: { adviseMs: 0 } } })
  })

  it('is the longest of the policies that clients may know of', async () => {
    const hour = { limit: 1, window: '1h', warnAt: 0.5 } as const
    const { limiter } = setUp({
      none: slidingWindow({ limit: 9, window: '1m' }),
      long: tokenBucket({ limit: 10, window: '20s', burst: 5, warnAt: 0.2 }),
      short: slidingWindow({ limit: 2, window: '1s', warnAt: 0.5 }),
      shadow: slidingWindow({ ...hour, shadow: true }),
      hidden: slidingWindow({ ...hour, hidden: true }),
    })
    const { adviseMs, policies } = await limiter.consume('k')
    expect(adviseMs).toBe(2000)
    const each = Object.entries(policies).map(([name, state]) => [name, state?.adviseMs])
    const hidden = { shadow: 3_600_000, hidden: 3_600_000 }
    expect(Object.fromEntries(each)).toEqual({ none: undefined, long: 2000, short: 1000, ...hidden })
    expect(
      (await limiter.peek({ none: 'k', long: null, short: null, shadow: null, hidden: null })).adviseMs,
    ).toBe(0)
  })

  it('is for the limit in force', async () => {
    const { limiter } = setUp({ route: window() })
    expect((await limiter.consume('k', { cost: 4, limit: 5 })).adviseMs).toBe(10_000)
    expect((await limiter.consume('k', { limit: 0 })).policies['route']?.adviseMs).toBe(0)
    expect((await limiter.consume('k', { limit: Number.POSITIVE_INFINITY })).adviseMs).toBe(0)
  })

  it('begins at the very unit, whatever the share', () => {
    for (let limit = 1; limit <= 200; limit++) {
      for (let percent = 1; percent < 100; percent++) {
        const mark = Math.ceil((percent * limit) / 100)
        expect(isNear(percent / 100, mark, limit)).toBe(true)
        expect(isNear(percent / 100, mark - 1, limit)).toBe(false)
      }
    }
  })
})

describe('onWarn', () => {
  it('is told what came near, by the charge that reached the mark', async () => {
    const { limiter, told } = setUp({ route: window(), other: window({ warnAt: 0.9 }) })
    for (let i = 0; i < 15; i++) await limiter.consume('k')
    expect(told).toEqual([])
    await limiter.consume('k')
    expect(told).toEqual([
      {
        limiter: 'api',
        policy: 'route',
        key: 'k',
        limit: 20,
        windowMs: 10_000,
        used: 16,
        remaining: 4,
        resetMs: 10_000,
        now: NOW,
      },
    ])
    await limiter.consume('k', { cost: 3 })
    expect(told.map(({ policy, used }) => [policy, used])).toEqual([
      ['route', 16],
      ['other', 19],
    ])
  })

  it('is not told by a peek, a refusal, or what was not charged', async () => {
    const { limiter, told } = setUp({
      route: window({ chargeRefused: true }),
      day: quota({ limit: 30, period: 'day', warnAt: 0.5 }),
    })
    await limiter.consume('k', { cost: 10 })
    await limiter.peek('k', { cost: 8 })
    await limiter.consume('k', { cost: 12 })
    await limiter.consume('k', { cost: { route: 0, day: 0 } })
    expect(told).toEqual([])
  })

  it('is not told by one who charges nothing of what another process has charged', async () => {
    const store = memoryStore()
    const policies = {
      route: window({ shadow: true }),
      day: quota({ limit: 30, period: 'day', warnAt: 0.5 }),
      full: window(),
    }
    await createLimiter({ name: 'api', store, policies, clock: () => NOW }).consume('k', { cost: 17 })
    const { limiter, told } = setUp(policies, { store: { ...store, prepare: store.prepare } })
    // Refused by `full`; then by `route`, which only watches.
    expect((await limiter.consume('k', { cost: 4 })).policy).toBe('full')
    expect((await limiter.consume({ route: 'k', day: null, full: null }, { cost: 4 })).allowed).toBe(true)
    expect(told).toEqual([])
  })

  it('is told whatever policies stand beside the one', async () => {
    const { limiter, told } = setUp({ none: slidingWindow({ limit: 99, window: '1m' }), route: window() })
    await limiter.consume('k', { cost: 16 })
    expect(told).toMatchObject([{ policy: 'route' }])
  })

  it('is told of a shadow policy, but not by what it would refuse', async () => {
    const { limiter, told } = setUp({ route: window({ shadow: true }) })
    await limiter.consume('k', { cost: 10 })
    await limiter.consume('k', { cost: 11 })
    expect(told).toEqual([])
    await limiter.consume('k', { cost: 6 })
    expect(told).toMatchObject([{ policy: 'route', used: 16 }])
  })

  it('is told once per key and window', async () => {
    const { limiter, told, clock } = setUp({ route: tokenBucket({ limit: 10, window: '10s', warnAt: 0.8 }) })
    await limiter.consume('a', { cost: 8 })
    await limiter.consume('b', { cost: 8 })
    for (let i = 0; i < 9; i++) {
      clock.now += 1000
      await limiter.consume('a')
    }
    expect(told.map(({ key }) => key)).toEqual(['a', 'b'])
    clock.now += 1000
    await limiter.consume('a')
    expect(told.map(({ key, now }) => [key, now - NOW])).toEqual([
      ['a', 0],
      ['b', 0],
      ['a', 10_000],
    ])
  })

  it('is told in each window of a quota, however soon after it was told in the last', async () => {
    const options = { limit: 10, warnAt: 0.8 }
    const { limiter, told, clock } = setUp({
      day: quota({ ...options, period: 'day' }),
      month: quota({ ...options, period: 'month' }),
    })
    for (const time of ['01-30T23:00', '01-31T09:00', '02-01T08:00', '02-28T23:59', '03-01T00:00']) {
      clock.now = Date.parse(`2030-${time}Z`)
      for (const policy of ['day', 'month'] as const) {
        const held = await limiter.reserve({ day: null, month: null, [policy]: 'k' }, { cost: 8 })
        // Given back, it reaches the mark once more.
        await held.cancel()
        await limiter.consume({ day: null, month: null, [policy]: 'k' }, { cost: 8 })
      }
    }
    const daysOf = (name: string) =>
      told.filter(({ policy }) => policy === name).map(({ now }) => new Date(now).toISOString().slice(5, 10))
    expect(daysOf('day')).toEqual(['01-30', '01-31', '02-01', '02-28', '03-01'])
    expect(daysOf('month')).toEqual(['01-30', '02-01', '03-01'])
  })

  it('is told again after a clock that was set back by a window', async () => {
    const { limiter, told, clock } = setUp({ route: window() })
    await limiter.consume('k', { cost: 16 })
    for (const back of [9999, 1]) {
      clock.now -= back
      await limiter.reset('k')
      await limiter.consume('k', { cost: 16 })
    }
    expect(told.map(({ now }) => NOW - now)).toEqual([0, 10_000])
  })

  it('is told by the one of several processes whose charge it was', async () => {
    const store = scriptedStore()
    const policies = { route: window() }
    const one = setUp(policies, { store })
    const other = setUp(policies, { store: { ...store, prepare: store.prepare } })
    for (let i = 0; i < 10; i++) for (const { limiter } of [one, other]) await limiter.consume('k')
    expect([one.told.length, other.told.map(({ used }) => used)]).toEqual([0, [16]])
  })

  it('is told by a reservation, and by what it settles or meters', async () => {
    const { limiter, told } = setUp({
      route: window(),
      slots: concurrency({ limit: 2, lease: '1m', warnAt: 0.9 }),
    })
    const { settle, meter } = {
      settle: await limiter.reserve({ route: 'settled', slots: 's' }),
      meter: await limiter.reserve({ route: 'metered', slots: 's' }),
    }
    expect(told).toMatchObject([{ policy: 'slots', used: 2 }])
    await settle.settle({ route: 15 })
    await meter.meter({ route: 15 })
    expect(told).toHaveLength(1)
    await meter.meter({ route: 1 })
    await (await limiter.reserve({ route: 'finished', slots: null })).settle({ route: 18 })
    expect(told.slice(1)).toMatchObject([
      { key: 'metered', used: 16 },
      { key: 'finished', used: 18 },
    ])
  })

  it('is not told where nobody counted', async () => {
    const store = scriptedStore()
    store.does = () => {
      throw new Error('gone')
    }
    const policies = { route: slidingWindow({ limit: 1, window: '1h', warnAt: 0.5 }) }
    for (const [fallback, times] of [
      ['allow', 0],
      ['local', 1],
    ] as const) {
      const { limiter, told } = setUp(policies, { store, fallback, name: fallback, onError() {} })
      expect((await limiter.consume('k')).allowed).toBe(true)
      expect(told).toHaveLength(times)
    }
  })

  it('changes no decision by what it throws', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const onWarn = () => {
      throw new Error('no')
    }
    const { limiter } = setUp({ route: window() }, { onWarn })
    expect((await limiter.consume('k', { cost: 16 })).allowed).toBe(true)
    expect(error).toHaveBeenCalledWith(expect.stringContaining('`onWarn` threw'), expect.any(Error))
  })

  /** The first charge after the last window has ended begins one. */
  function windowsFromFirst(length: number): (now: number) => number {
    let start = Number.NEGATIVE_INFINITY
    return (now) => {
      if (now >= start + length) start = now
      return start
    }
  }

  /** A policy of 20 with this mark, its unit of time, and when the window begins in which a charge lies, where it has edges. */
  const kinds: Record<
    string,
    (warnAt: number) => { policy: Policy; unit: number; windowOf?: (now: number) => number }
  > = {
    sliding: (warnAt) => ({ policy: window({ warnAt }), unit: 1 }),
    bucket: (warnAt) => ({ policy: tokenBucket({ limit: 20, window: '10s', warnAt }), unit: 1 }),
    epoch: (warnAt) => ({
      policy: fixedWindow({ limit: 20, window: '10s', start: 'epoch', warnAt }),
      unit: 1,
      windowOf: (now) => now - (now % 10_000),
    }),
    first: (warnAt) => ({
      policy: fixedWindow({ limit: 20, window: '10s', start: 'first', warnAt }),
      unit: 1,
      windowOf: windowsFromFirst(10_000),
    }),
    // Its penalties are over before the next step may be.
    penalty: (warnAt) => ({
      policy: penalty(fixedWindow({ limit: 20, window: '10s', warnAt }), { first: '1ms', max: '1ms' }),
      unit: 1,
      windowOf: (now) => now - (now % 10_000),
    }),
    month: (warnAt) => ({
      policy: quota({ limit: 20, period: 'month', warnAt }),
      unit: 3 * 86_400,
      windowOf: (now) => periodOf(now, 'month')[0],
    }),
  }

  it.each(Object.keys(kinds))(
    `is told of each crossing, but once in a window: %s ${SEEDED}`,
    {
      timeout: PATIENCE,
    },
    async (kind) => {
      const step = fc.record({ after: fc.nat(3000), cost: fc.nat(8), cancels: fc.boolean() })
      const cases = fc.record({
        percent: fc.integer({ min: 1, max: 99 }),
        steps: fc.array(step, { maxLength: 60 }),
      })
      await check(cases, async ({ percent, steps }) => {
        const mark = Math.ceil((percent * 20) / 100)
        const { policy, unit, windowOf } = (kinds[kind] as (typeof kinds)[string])(percent / 100)
        const { limiter, told, clock } = setUp({ policy })
        const expected: number[] = []
        let last = Number.NEGATIVE_INFINITY
        for (const { after, cost, cancels } of steps) {
          clock.now += after * unit
          const { used } = await limiter.peek('k', { cost: 0 })
          const held = await limiter.reserve('k', { cost })
          const { allowed, ...decision } = held.decision
          const window = allowed && cost > 0 ? windowOf?.(clock.now) : undefined
          if (allowed && used < mark && decision.used >= mark) {
            const isNew = window === undefined ? clock.now - last >= 10_000 : window !== last
            if (isNew) expected.push(clock.now)
            if (isNew) last = window ?? clock.now
          }
          // What is given back to the last unit would begin another window `first`.
          if (cancels && used > 0) await held.cancel()
        }
        same(
          told.map(({ now }) => now),
          expected,
          'when it was told',
        )
      })
    },
  )
})
