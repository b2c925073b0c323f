import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../limiter.js'
import { memoryStore } from '../../stores/memory.js'
import { check, holds, PATIENCE, SEEDED, same } from '../../testing/check.js'
import { slidingWindowKind } from '../../testing/kinds.js'
import { logOracle } from '../../testing/oracles/log.js'
import { testProperties } from '../../testing/properties.js'
import { testVectors } from '../../testing/vectors.js'
import { watch } from '../../testing/watch.js'
import { slidingWindow } from './sliding-window.js'
import { slidingWindowVectors } from './sliding-window.vectors.js'

describe('slidingWindow', () => {
  testVectors(slidingWindowVectors)
  testProperties(slidingWindowKind)

  it(`is a log up to its segments, and then less than a segment late ${SEEDED}`, {
    timeout: PATIENCE,
  }, async () => {
    const cases = fc.record({
      window: fc.integer({ min: 1, max: 1000 }),
      segments: fc.integer({ min: 1, max: 20 }),
      limit: fc.integer({ min: 1, max: 100 }),
      requests: fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 3 })), {
        maxLength: 200,
        size: 'max',
      }),
    })
    await check(cases, async ({ window, segments, limit, requests }) => {
      let now = 0
      const { policy, last } = watch(slidingWindow({ limit, window: `${window}ms`, segments }))
      const limiter = createLimiter({
        name: 'n',
        policies: { policy },
        store: memoryStore({ maxKeys: 1 }),
        clock: () => now,
      })
      const [exact, late] = [logOracle(window), logOracle(window + Math.ceil(window / segments) - 1)]
      let admitted: number[] = []
      let crowded = false

      for (const [step, units] of requests) {
        now += step
        const cost = Math.min(units, limit)
        const { allowed } = limiter.consumeSync('k', { cost })
        if (allowed) holds(exact.admits(now, cost, limit), `at ${now} more than ${limit} were admitted`)
        else holds(!late.admits(now, cost, limit), `at ${now} units are freed a whole segment late`)
        admitted = admitted.filter((time) => time + window > now)
        if (admitted.length === 0) crowded = false
        if (!crowded) same(allowed, exact.admits(now, cost, limit), `at ${now}, never crowded; allowed`)
        const entries = (last().length - 1) / 2
        holds(entries <= 2 * segments + 1, () => `${entries} entries`)
        if (!allowed) continue
        exact.charge(now, cost, limit)
        late.charge(now, cost, limit)
        admitted.push(now)
        crowded ||= admitted.length > segments
      }
    })
  })

  it('keeps at most 2 entries for each segment and one more', () => {
    let now = 0
    const { policy, last } = watch(slidingWindow({ limit: 10_000, window: '1s', segments: 10 }))
    const limiter = createLimiter({ policies: { policy }, clock: () => now })
    let most = 0
    for (; now < 5000; now++) {
      limiter.consumeSync('k')
      most = Math.max(most, (last().length - 1) / 2)
    }
    expect(most).toBeGreaterThan(10)
    expect(most).toBeLessThanOrEqual(21)
  })

  it('puts charges together by segments of whole ms, rounded up', () => {
    let now = 0
    const policies = { policy: slidingWindow({ limit: 4, window: '3ms', segments: 2 }) }
    const limiter = createLimiter({ policies, clock: () => now })
    for (; now < 4; now++) limiter.consumeSync('k')
    now = 5 // the charge of 2 was put together with that of 3
    expect(limiter.consumeSync('k', { cost: 0 }).used).toBe(2)
  })

  it('keeps no entry of a charge that was given back', async () => {
    let now = 0
    const policies = { policy: slidingWindow({ limit: 3, window: '1s', segments: 2 }) }
    const limiter = createLimiter({ policies, clock: () => now })
    const held = await limiter.reserve('k')
    for (now = 1; now <= 2; now++) {
      limiter.consumeSync('k')
      await held.cancel()
    }
    now = 1001 // two entries are told apart: only the charge of 1 is freed
    expect(limiter.consumeSync('k', { cost: 0 }).used).toBe(1)
  })
  it('tells 60 charges apart unless told otherwise', () => {
    let now = 0
    const policies = { policy: slidingWindow({ limit: 100, window: '1m' }) }
    const limiter = createLimiter({ policies, clock: () => now })
    for (; now <= 60; now++) limiter.consumeSync('k')
    now = 60_058 // the charge of 59 was put together with that of 60
    expect(limiter.consumeSync('k', { cost: 0 }).used).toBe(2)
    now = 60_059
    expect(limiter.consumeSync('k', { cost: 0 }).used).toBe(2)
  })

  it('gives nothing back of a charge that was carried over to a time before it', async () => {
    let now = Date.UTC(2024, 4, 1, 12)
    const policies = { policy: slidingWindow({ limit: 10, window: '1d', segments: 1 }) }
    const limiter = createLimiter({ policies, clock: () => now })
    const held = await limiter.reserve('k', { cost: 2 })
    now -= 120_000
    expect(limiter.consumeSync('k').used).toBe(3)
    await held.cancel()
    expect(limiter.consumeSync('k', { cost: 0 }).used).toBe(3)
  })
})
