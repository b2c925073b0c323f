import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { slidingLog } from './algorithms/sliding-log/sliding-log.js'
import { slidingWindow } from './algorithms/sliding-window/sliding-window.js'
import { spikeArrest } from './algorithms/spike-arrest/spike-arrest.js'
import { tokenBucket } from './algorithms/token-bucket/token-bucket.js'
import { createLimiter } from './limiter.js'
import { check, PATIENCE, SEEDED } from './testing/check.js'
import { failure, scriptedStore } from './testing/scripted-store.js'

const HOUR = 3_600_000

function setUp({ limit = 100 } = {}) {
  const clock = { now: Date.UTC(2024, 4, 1) }
  const policies = {
    tokens: slidingLog({ limit, window: '1h' }),
    requests: slidingWindow({ limit: 3, window: '1h' }),
  }
  const limiter = createLimiter({ policies, clock: () => clock.now })
  const used = () => {
    const { tokens, requests } = limiter.consumeSync('k', { cost: 0 }).policies
    return [tokens.used, requests.used]
  }
  return { clock, limiter, used }
}

describe('metering', () => {
  it('charges nothing while the estimate lasts, and then what is beyond it', async () => {
    const { limiter, used } = setUp()
    const held = limiter.reserveSync('k', { cost: { tokens: 10 } })
    expect([await held.meter({ tokens: 4 }), used()]).toEqual([true, [10, 1]])
    expect([await held.meter({ tokens: 6 }), used()]).toEqual([true, [10, 1]])
    expect([await held.meter({ tokens: 5 }), used()]).toEqual([true, [15, 1]])
    expect([await held.meter({ tokens: 1 }), used()]).toEqual([true, [16, 1]])
  })

  it('stops at the limit: what has no room is not charged, and what is less still may be', async () => {
    const { limiter, used } = setUp()
    const held = limiter.reserveSync('k', { cost: { tokens: 0 } })
    expect([await held.meter({ tokens: 98 }), used()]).toEqual([true, [98, 1]])
    expect([await held.meter({ tokens: 3 }), used()]).toEqual([false, [98, 1]])
    expect([await held.meter({ tokens: 2 }), used()]).toEqual([true, [100, 1]])
    expect([await held.settle(), used()]).toEqual([true, [100, 1]])
  })

  it('finishes beyond the limit as a debt, and says so', async () => {
    const { clock, limiter, used } = setUp()
    const held = limiter.reserveSync('k', { cost: { tokens: 99 } })
    expect([await held.meter({ tokens: 100 }, { atLimit: 'finish' }), used()]).toEqual([true, [100, 1]])
    expect([await held.meter({ tokens: 7 }, { atLimit: 'finish' }), used()]).toEqual([false, [107, 1]])
    expect(limiter.consumeSync('k', { cost: 0 }).allowed).toBe(false)
    await held.settle()
    expect(used()).toEqual([107, 1])
    clock.now += HOUR
    expect(used()).toEqual([0, 0])
  })

  it('is settled by what was produced, unless other units are named', async () => {
    for (const [actual, left] of [
      [undefined, [6, 1]],
      [{ tokens: 20 }, [20, 1]],
      [{ tokens: 2 }, [2, 1]],
      [{ requests: 0 }, [6, 0]],
      [0, [0, 0]],
    ] as const) {
      const { limiter, used } = setUp()
      const held = limiter.reserveSync('k', { cost: { tokens: 10 } })
      await held.meter({ tokens: 6 })
      expect([await held.settle(actual), used()]).toEqual([true, left])
    }
  })

  it('gives back the newest charges first: they count the longest', async () => {
    const { clock, limiter, used } = setUp()
    const held = limiter.reserveSync('k', { cost: { tokens: 10 } })
    clock.now += 1000
    await held.meter({ tokens: 15 })
    clock.now += 1000
    await held.meter({ tokens: 5 })
    expect(await held.settle({ tokens: 12 })).toBe(true)
    expect(used()).toEqual([12, 1])
    clock.now += HOUR - 2000
    expect(used()).toEqual([2, 0])
    clock.now += 1000
    expect(used()).toEqual([0, 0])
  })

  it('counts units that come at once, one after the other', async () => {
    const { limiter, used } = setUp()
    const held = limiter.reserveSync('k', { cost: { tokens: 10 } })
    const all = Array.from({ length: 9 }, () => held.meter({ tokens: 12 }))
    const settled = held.settle()
    expect(await Promise.all(all)).toEqual([...Array(8).fill(true), false])
    expect([await settled, used()]).toEqual([true, [96, 1]])
  })

  it('ends with the reservation, and never begins for a refusal', async () => {
    const { limiter, used } = setUp()
    const held = limiter.reserveSync('k', { cost: { tokens: 10 } })
    await held.cancel()
    expect([await held.meter({ tokens: 20 }), used()]).toEqual([false, [0, 0]])
    const refused = limiter.reserveSync('k', { cost: { tokens: 101 } })
    expect([await refused.meter({ tokens: 1 }), used()]).toEqual([false, [0, 0]])
  })

  it('of what can never fit is refused', async () => {
    const limiter = createLimiter({ policies: { calls: spikeArrest('5ps') } })
    const held = limiter.reserveSync('k', { cost: 0 })
    expect([await held.meter(2), await held.meter(1)]).toEqual([false, true])
  })

  it('takes whole units of policies that exist', async () => {
    const { limiter } = setUp()
    const held = limiter.reserveSync('k')
    await expect(held.meter(1.5)).rejects.toMatchObject({ code: 'COST_INVALID' })
    await expect(held.meter({ tokns: 1 } as never)).rejects.toMatchObject({ code: 'OPTION_UNKNOWN' })
    await expect(held.meter(1, { atLimit: 'go' } as never)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  it('of a long stream gives back all but what is told apart no more', async () => {
    const clock = { now: Date.UTC(2024, 4, 1) }
    const policies = { tokens: tokenBucket({ limit: 100_000, window: '1h' }) }
    const limiter = createLimiter({ policies, clock: () => clock.now })
    const held = limiter.reserveSync('k', { cost: 0 })
    for (let i = 0; i < 1000; i++) {
      clock.now += 1
      await held.meter(10)
    }
    await held.settle(100)
    // What drained in the meantime is 28 units.
    expect(limiter.consumeSync('k', { cost: 0 }).used).toBeLessThanOrEqual(100)
  })

  it(`comes to what was settled, or produced, to the unit ${SEEDED}`, { timeout: PATIENCE }, async () => {
    const cases = fc.record({
      estimate: fc.nat(20),
      chunks: fc.array(fc.record({ units: fc.nat(9), finish: fc.boolean(), step: fc.nat(1000) })),
      actual: fc.option(fc.nat(60), { nil: undefined }),
    })
    await check(cases, async ({ estimate, chunks, actual }) => {
      const { clock, limiter, used } = setUp({ limit: 40 })
      const held = limiter.reserveSync('k', { cost: { tokens: estimate } })
      let produced = 0
      for (const { units, finish, step } of chunks) {
        clock.now += step
        const went = await held.meter({ tokens: units }, { atLimit: finish ? 'finish' : 'stop' })
        if (went || finish) produced += units
        expect(used()[0]).toBe(Math.max(estimate, produced))
      }
      await held.settle(actual === undefined ? undefined : { tokens: actual })
      expect(used()).toEqual([actual ?? (chunks.length > 0 ? produced : estimate), 1])
    })
  })

  it('charges nothing when it stops, though a policy charges refusals', async () => {
    const policies = { all: slidingWindow({ limit: 10, window: '1h', chargeRefused: true }) }
    const limiter = createLimiter({ policies })
    const held = limiter.reserveSync('k', { cost: 0 })
    expect([await held.meter(8), await held.meter(5), await held.settle()]).toEqual([true, false, true])
    expect((await limiter.peek('k', { cost: 0 })).used).toBe(8)
  })
})

describe('metering while the store is away', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  function setUp() {
    const store = scriptedStore()
    const policies = { tokens: slidingLog({ limit: 100, window: '1h' }) }
    const limiter = createLimiter({ name: 'away', store, policies, clock: () => 0, onError() {} })
    const truth = store.does
    return {
      limiter,
      store,
      back() {
        store.does = truth
      },
      used: async () => (await limiter.peek('k', { cost: 0 })).used,
    }
  }

  it('stops at the limit all the same, and what was certainly not heard is charged in the end', async () => {
    const { limiter, store, back, used } = setUp()
    const held = await limiter.reserve('k', { cost: 10 })
    store.does = failure
    // Until it is left alone.
    for (let i = 0; i < 5; i++) await limiter.peek('other')
    expect([await held.meter(40), await held.meter(40), await held.meter(21)]).toEqual([true, true, false])
    back()
    const later = performance.now() + 1000
    vi.spyOn(performance, 'now').mockImplementation(() => later)
    expect((await limiter.peek('other')).source).toBe('store')
    expect(await held.meter(5)).toBe(true)
    expect(await used()).toBe(15)
    expect([await held.settle(), await used()]).toEqual([true, 85])
  })

  it('is counted once by what stands in for the store, too', async () => {
    const { limiter, store } = setUp()
    const held = await limiter.reserve('k', { cost: 10 })
    store.does = failure
    for (let i = 0; i < 5; i++) await limiter.peek('other')
    expect(await held.meter(40)).toBe(true)
    expect(await held.settle()).toBe(false)
    const { source, used } = await limiter.peek('k', { cost: 0 })
    expect([source, used]).toEqual(['local', 40])
  })

  it('gives back nothing certain for what is in doubt', async () => {
    const { limiter, store, back, used } = setUp()
    const held = await limiter.reserve('k', { cost: 30 })
    store.does = failure
    expect(await held.meter(80)).toBe(true)
    back()
    expect([await held.settle(50), await used()]).toEqual([true, 30])
    const other = await limiter.reserve('other', { cost: 30 })
    store.does = failure
    await other.meter(80)
    back()
    expect([await other.settle(20), (await limiter.peek('other', { cost: 0 })).used]).toEqual([true, 20])
  })

  it('charges nothing twice of which the store may have heard', async () => {
    const { limiter, store, back, used } = setUp()
    const held = await limiter.reserve('k', { cost: 0 })
    store.does = (truth) => {
      truth()
      return failure()
    }
    for (let i = 0; i < 3; i++) expect(await held.meter(10)).toBe(true)
    back()
    expect(await held.meter(10)).toBe(true)
    expect([await used(), await held.settle(), await used()]).toEqual([40, true, 40])
  })
})
