import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { quota } from '../algorithms/quota/quota.js'
import { slidingWindow } from '../algorithms/sliding-window/sliding-window.js'
import { tokenBucket } from '../algorithms/token-bucket/token-bucket.js'
import { createLimiter, type LimiterOptions } from '../limiter.js'
import { failure, scriptedStore } from '../testing/scripted-store.js'
import type { Fallback } from './fallback.js'

const NOW = Date.UTC(2030, 0, 1, 12)

beforeEach(() => vi.useFakeTimers({ now: NOW }))
afterEach(() => vi.useRealTimers())

const policies = { minute: slidingWindow({ limit: 5, window: '1m' }) }

function setUp(fallback: Fallback, options: Partial<LimiterOptions> = {}) {
  const store = scriptedStore()
  const onError = vi.fn()
  const limiter = createLimiter({ name: 'api', policies, store, fallback, onError, ...options })
  const gone = () => {
    store.does = failure
  }
  const back = () => {
    store.does = (truth) => truth()
    // Until the next probe.
    vi.advanceTimersByTime(801)
  }
  return { store, limiter, gone, back, onError }
}

describe("fallback 'local'", () => {
  it('is the default, and says `local`', async () => {
    const store = scriptedStore()
    store.does = failure
    const limiter = createLimiter({ name: 'api', policies, store, onError() {} })
    expect(await limiter.consume('k')).toMatchObject({ allowed: true, source: 'local', remaining: 4 })
    expect(await limiter.peek('k')).toMatchObject({ allowed: true, source: 'local', remaining: 3 })
  })

  it('has counted what the store granted, and goes on from there', async () => {
    const { limiter, gone } = setUp('local')
    expect(await limiter.consume('k', { cost: 2 })).toMatchObject({ source: 'store', used: 2 })
    gone()
    expect(await limiter.consume('k', { cost: 2 })).toMatchObject({ source: 'local', allowed: true, used: 4 })
    const refused = await limiter.consume('k', { cost: 2 })
    expect(refused).toMatchObject({ source: 'local', allowed: false, used: 4, retryAfterMs: 60_000 })
    expect(refused.policies['minute']).toMatchObject({ key: 'k', allowed: false, limit: 5, remaining: 1 })
  })

  it('has not counted what the store refused, nor what was peeked', async () => {
    const { store, limiter, gone } = setUp('local', { denyCache: 0 })
    store.does = (truth) => ({ ...truth(), passed: false })
    for (let i = 0; i < 3; i++) await limiter.consume('k')
    store.does = (truth) => truth()
    await limiter.peek('k')
    gone()
    expect((await limiter.peek('k', { cost: 0 })).used).toBe(0)
  })

  it('has counted refusals where they are charged, and nothing but them', async () => {
    const charging = {
      meter: tokenBucket({ limit: 3, window: '1m', chargeRefused: true }),
      window: slidingWindow({ limit: 5, window: '1m', chargeRefused: true }),
      other: slidingWindow({ limit: 9, window: '1m' }),
    }
    const { limiter, gone } = setUp('local', { policies: charging })
    await limiter.consume('k', { cost: 2 })
    // The meter is full with the first, and refuses a cost beyond it without a charge.
    for (const cost of [2, 2, { meter: 4, window: 1, other: 1 }]) {
      expect(await limiter.consume('k', { cost })).toMatchObject({ allowed: false, source: 'store' })
    }
    const used = async () => {
      const { source, policies } = await limiter.peek('k', { cost: 0 })
      return [source, ...['meter', 'window', 'other'].map((name) => policies[name]?.used)]
    }
    expect(await used()).toEqual(['store', 3, 7, 2])
    gone()
    expect(await used()).toEqual(['local', 3, 7, 2])
  })

  it('has heard of settlements, cancellations and resets', async () => {
    const { limiter, gone } = setUp('local')
    const settled = await limiter.reserve('settled', { cost: 4 })
    const more = await limiter.reserve('more', { cost: 1 })
    const cancelled = await limiter.reserve('cancelled', { cost: 4 })
    await limiter.consume('reset', { cost: 4 })
    await Promise.all([settled.settle(1), more.settle(7), cancelled.cancel(), limiter.reset('reset')])
    gone()
    const used = async (key: string) => (await limiter.peek(key, { cost: 0 })).used
    expect([await used('settled'), await used('more'), await used('cancelled'), await used('reset')]).toEqual(
      [1, 7, 0, 0],
    )
  })

  it('settles its own charges by itself: the store has not heard of them', async () => {
    const { store, limiter, gone, back } = setUp('local')
    gone()
    const [less, more, none] = [
      await limiter.reserve('less', { cost: 4 }),
      await limiter.reserve('more', { cost: 4 }),
      await limiter.reserve('none', { cost: 4 }),
    ]
    back()
    const before = store.calls.length
    expect([await less.settle(1), await more.settle(9), await none.cancel(), await none.cancel()]).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(store.calls).toHaveLength(before)
    gone()
    const used = async (key: string) => (await limiter.peek(key, { cost: 0 })).used
    expect([await used('less'), await used('more'), await used('none')]).toEqual([1, 9, 0])
  })

  it('settles by the clock that was given, also a quota whose period is over', async () => {
    const clock = { now: Date.UTC(2024, 4, 1, 12) }
    const daily = { day: quota({ limit: 5, period: 'day' }), minute: policies.minute }
    const { limiter, gone } = setUp('local', { policies: daily, clock: () => clock.now })
    gone()
    const [less, more] = [await limiter.reserve('k', { cost: 4 }), await limiter.reserve('k', { cost: 1 })]
    clock.now += 1000
    await less.settle(2)
    const peek = async () => {
      const { policies } = await limiter.peek('k', { cost: 0 })
      return [policies['day']?.used, policies['minute']?.used]
    }
    expect(await peek()).toEqual([3, 3])
    clock.now += 86_400_000
    await more.settle(3)
    expect(await peek()).toEqual([2, 2])
    expect((await limiter.peek('k')).resetMs).toBeGreaterThan(0)
  })

  it("decides by the store's clock, as far as it is known", async () => {
    const { store, limiter, gone } = setUp('local')
    const ahead = 3 * 86_400_000 + 1234
    store.clock = () => Date.now() + ahead
    await limiter.consume('k')
    gone()
    vi.advanceTimersByTime(500)
    const { now, resetMs } = await limiter.consume('k')
    expect([now, resetMs]).toEqual([NOW + 500 + ahead, 60_000])
  })

  it("knows the store's clock no worse for an answer that was read late", async () => {
    const { store, limiter, gone } = setUp('local', { deadline: '1s' })
    const ahead = 1234
    store.clock = () => Date.now() + ahead
    await limiter.consume('k')
    store.does = async (truth) => {
      const outcome = truth()
      vi.setSystemTime(Date.now() + 300)
      return outcome
    }
    await limiter.consume('k')
    gone()
    expect((await limiter.consume('k')).now).toBe(NOW + 300 + ahead)
  })

  it("finds the calendar's edges by the store's clock", async () => {
    const { store, limiter, gone } = setUp('local', { policies: { day: quota({ limit: 5, period: 'day' }) } })
    const ahead = 40 * 86_400_000
    store.clock = () => Date.now() + ahead
    expect((await limiter.consume('k')).used).toBe(1)
    // The first time it was asked twice: its clock lay outside the edges around ours.
    expect(store.calls).toHaveLength(2)
    expect((await limiter.consume('k')).used).toBe(2)
    expect(store.calls).toHaveLength(3)
    gone()
    expect(await limiter.consume('k')).toMatchObject({ source: 'local', used: 3, resetMs: 43_200_000 })
  })

  it('asks a store that is gone once, also where the edges do not hold what its clock seemed to be', async () => {
    const { store, limiter, gone } = setUp('local', {
      policies: { day: quota({ limit: 5, period: 'day' }) },
      clock: undefined as never,
    })
    store.clock = () => Date.now() + 40 * 86_400_000
    await limiter.peek('k')
    gone()
    // Our own clock is set, between the edges and the answer.
    vi.spyOn(Date, 'now')
      .mockReturnValueOnce(NOW)
      .mockReturnValue(NOW + 5 * 86_400_000)
    const before = store.calls.length
    expect(await limiter.consume('k')).toMatchObject({ allowed: true, source: 'local', used: 1 })
    expect(store.calls).toHaveLength(before + 1)
    vi.restoreAllMocks()
  })

  it('keeps what it granted to itself when the store comes back', async () => {
    const { limiter, gone, back } = setUp('local')
    await limiter.consume('k', { cost: 2 })
    gone()
    for (let i = 0; i < 5; i++) await limiter.consume('k')
    back()
    expect(await limiter.consume('k')).toMatchObject({ source: 'store', used: 3 })
  })
})

describe("fallback 'allow'", () => {
  it('admits all, and nobody counts', async () => {
    const { limiter, gone } = setUp('allow')
    await limiter.consume('k', { cost: 5 })
    gone()
    for (let i = 0; i < 9; i++) {
      const decision = await limiter.consume('k', { cost: 5 })
      expect(decision).toMatchObject({ allowed: true, code: 'OK', source: 'fallback', retryAfterMs: 0 })
    }
  })

  it('refuses what no state would admit', async () => {
    const { limiter, gone } = setUp('allow')
    gone()
    expect(await limiter.consume('k', { cost: 6 })).toMatchObject({
      allowed: false,
      code: 'COST_EXCEEDS_LIMIT',
      retryAfterMs: null,
      source: 'fallback',
    })
    expect(await limiter.consume('k', { limit: 0 })).toMatchObject({
      allowed: false,
      code: 'RATE_LIMIT_EXCEEDED',
      retryAfterMs: null,
      source: 'fallback',
    })
  })

  it('has nothing to settle, and the store is not told of it either', async () => {
    const { store, limiter, gone, back } = setUp('allow')
    gone()
    const held = await limiter.reserve('k', { cost: 4 })
    expect(held.decision).toMatchObject({ allowed: true, source: 'fallback' })
    back()
    const before = store.calls.length
    expect([await held.settle(1), await held.cancel()]).toEqual([false, false])
    expect(store.calls).toHaveLength(before)
  })
})

describe("fallback 'deny'", () => {
  it('refuses until the next probe, or for a second', async () => {
    const { limiter, gone } = setUp('deny', {
      policies: { ...policies, pace: tokenBucket({ limit: 1, window: '1s' }) },
    })
    gone()
    for (let i = 0; i < 7; i++) {
      const decision = await limiter.consume('k')
      expect(decision).toMatchObject({ allowed: false, code: 'LIMITER_UNAVAILABLE', source: 'fallback' })
      expect(decision.retryAfterMs).toBe(1000)
    }
    const held = await limiter.reserve('k')
    expect([held.decision.allowed, await held.settle(1), await held.cancel()]).toEqual([false, false, false])
  })

  it('keeps the code of what no state would admit', async () => {
    const { limiter, gone } = setUp('deny')
    gone()
    expect(await limiter.consume('k', { cost: 6 })).toMatchObject({
      code: 'COST_EXCEEDS_LIMIT',
      retryAfterMs: null,
    })
    expect(await limiter.consume('k', { limit: 0 })).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED' })
  })

  it('lets through what no policy limits', async () => {
    const { limiter, gone } = setUp('deny')
    gone()
    expect(await limiter.consume({ minute: null })).toMatchObject({ allowed: true, policies: {} })
  })
})
