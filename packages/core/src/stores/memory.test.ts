import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slidingWindow } from '../algorithms/sliding-window/sliding-window.js'
import { tokenBucket } from '../algorithms/token-bucket/token-bucket.js'
import { createLimiter, type SyncLimiter } from '../limiter.js'
import type { Policy } from '../policy.js'
import { check, holds, PATIENCE, SEEDED } from '../testing/check.js'
import { everyKind, type Kind } from '../testing/kinds.js'
import { meterOracle } from '../testing/oracles/meter.js'
import { type MemoryStore, memoryStore } from './memory.js'

const HOUR = 3_600_000

function setUp(policy: Policy, maxKeys: number) {
  const clock = { now: Date.UTC(2024, 4, 1) }
  const store: MemoryStore = memoryStore({ maxKeys })
  const limiter = createLimiter({ name: 'api', policies: { policy }, store, clock: () => clock.now })
  return { clock, store, limiter }
}

function fill(limiter: SyncLimiter<'policy'>, prefix: string, keys: number, cost = 1): void {
  for (let i = 0; i < keys; i++) limiter.reserveSync(`${prefix}${i}`, { cost })
}

const long: Record<string, object> = {
  penalty: {
    kind: 'slidingWindow',
    params: { window: 3_600_000, limit: 4, segments: 60 },
    first: 60_000,
    factor: 2,
    max: 3_600_000,
  },
  tokenBucket: { window: HOUR, limit: 2 },
  leakyBucket: { window: HOUR, limit: 1, queue: 1 },
  spikeArrest: { rate: '1pm' },
  slidingWindow: { window: HOUR, limit: 2, segments: 60 },
  slidingLog: { window: HOUR, limit: 2 },
  slidingCounter: { window: HOUR, limit: 2 },
  fixedWindow: { window: HOUR, limit: 2, start: 'epoch' },
  quota: { period: 'day', limit: 2, overage: 'deny' },
  concurrency: { lease: HOUR, limit: 2 },
}

describe('memoryStore', () => {
  it('gives up drained keys before live ones', () => {
    const { clock, limiter, store } = setUp(slidingWindow({ limit: 5, window: '1s' }), 1000)
    fill(limiter, 'old', 500)
    clock.now += 500
    fill(limiter, 'new', 500)
    clock.now += 500
    fill(limiter, 'fresh', 500)
    expect(store.stats()).toMatchObject({ keys: 1000, evictedLive: 0 })
    for (let i = 0; i < 500; i++) expect(limiter.consumeSync(`new${i}`).used).toBe(2)
    fill(limiter, 'more', 300)
    expect(store.stats()).toMatchObject({ keys: 1000, evictedLive: 300 })
  })

  it('finds a drained key among the eight longest unused', () => {
    const { clock, limiter, store } = setUp(tokenBucket({ limit: 10, window: '1s' }), 100)
    fill(limiter, 'live', 7, 10)
    fill(limiter, 'drained', 93)
    clock.now += 500
    fill(limiter, 'fresh', 93)
    expect(store.stats()).toMatchObject({ keys: 100, evictedLive: 0 })
    fill(limiter, 'more', 1)
    expect(store.stats()).toMatchObject({ keys: 100, evictedLive: 1 })
    for (let i = 1; i < 7; i++) expect(limiter.consumeSync(`live${i}`).used).toBe(6)
  })

  it('a key that is admitted again is a live one', () => {
    const { clock, limiter, store } = setUp(slidingWindow({ limit: 1, window: '1s' }), 10)
    limiter.consumeSync('k')
    limiter.consumeSync('k')
    expect(store.stats()).toMatchObject({ keys: 0, refusedKeys: 1 })
    clock.now += 1000
    limiter.consumeSync('k')
    expect(store.stats()).toMatchObject({ keys: 1, refusedKeys: 0 })
  })

  it('a refused key whose wait has passed makes room for one that is refused', () => {
    const { clock, limiter, store } = setUp(tokenBucket({ limit: 2, window: '1s' }), 1)
    limiter.consumeSync('first', { cost: 2 })
    limiter.consumeSync('first')
    clock.now += 500
    limiter.consumeSync('second', { cost: 2 })
    limiter.consumeSync('second')
    expect(store.stats()).toEqual({ keys: 1, refusedKeys: 1, evictedLive: 0, evictedRefused: 0 })
    expect(limiter.consumeSync('first').used).toBe(2)
  })

  it('keys refused before the clock was set back do not outstay those refused after it', () => {
    const { clock, limiter, store } = setUp(tokenBucket({ limit: 1, window: '1h' }), 10)
    for (let i = 0; i < 2; i++) fill(limiter, 'before', 10)
    clock.now += HOUR / 2
    fill(limiter, 'before', 10)
    clock.now -= 2 * HOUR
    for (let i = 0; i < 5; i++) {
      clock.now += 1000
      for (let j = 0; j < 2; j++) limiter.consumeSync(`after${i}`)
    }
    expect(store.stats()).toMatchObject({ refusedKeys: 10, evictedRefused: 5 })
    for (let i = 0; i < 5; i++) expect(limiter.consumeSync(`after${i}`).allowed).toBe(false)
  })

  it('lays out no room before it is needed', () => {
    const store = memoryStore({ maxKeys: 2 ** 24 - 1 })
    for (let i = 0; i < 50; i++) {
      createLimiter({
        name: `l${i}`,
        policies: { policy: tokenBucket({ limit: 1, window: '1s' }) },
        store,
      }).consumeSync('k')
    }
    expect(store.stats()).toMatchObject({ keys: 50 })
  })

  it('settling leaves a refused key out of reach of eviction', async () => {
    const { limiter, store } = setUp(tokenBucket({ limit: 10, window: '1h' }), 10)
    const held = await limiter.reserve('k', { cost: 10 })
    limiter.consumeSync('k')
    await held.settle(15)
    expect(store.stats()).toMatchObject({ keys: 0, refusedKeys: 1 })
  })

  it('giving back to a key that is forgotten pushes out no other', async () => {
    const { limiter, store } = setUp(tokenBucket({ limit: 10, window: '1h' }), 1)
    const held = await limiter.reserve('forgotten', { cost: 5 })
    await limiter.reset('forgotten')
    limiter.consumeSync('k')
    await held.settle(0)
    expect(store.stats()).toMatchObject({ keys: 1, evictedLive: 0 })
    expect(limiter.consumeSync('k').used).toBe(2)
  })

  it('counts what all policies keep, and what they gave up', () => {
    const store = memoryStore({ maxKeys: 1 })
    const one = () => tokenBucket({ limit: 1, window: '1h' })
    const policies = { a: one(), b: one() }
    const limiter = createLimiter({ name: 'api', policies, store, clock: () => 0 })
    for (const key of ['x', 'y', 'y', 'z', 'z', 'x']) limiter.consumeSync(key)
    expect(store.stats()).toEqual({ keys: 2, refusedKeys: 2, evictedLive: 2, evictedRefused: 2 })
  })

  it('reset forgets live and refused keys alike', async () => {
    const { limiter, store } = setUp(slidingWindow({ limit: 1, window: '1s' }), 10)
    limiter.consumeSync('live')
    limiter.consumeSync('refused')
    limiter.consumeSync('refused')
    await limiter.reset('live')
    await limiter.reset('refused')
    expect(store.stats()).toMatchObject({ keys: 0, refusedKeys: 0 })
    expect(limiter.consumeSync('refused').used).toBe(1)
  })

  it('keeps nothing of a peek, a refusal or a cost of 0', async () => {
    const { limiter, store } = setUp(slidingWindow({ limit: 1, window: '1s' }), 10)
    await limiter.peek('k')
    limiter.consumeSync('k', { cost: 0 })
    limiter.consumeSync('k', { cost: 2 })
    limiter.consumeSync('k', { limit: 0 })
    expect(store.stats()).toMatchObject({ keys: 0, refusedKeys: 0 })
  })

  it.each([
    [4, 1],
    [1, 4],
  ])('a key refused for costs of %i and %i is kept for the longer wait', (first, second) => {
    const { limiter, store } = setUp(tokenBucket({ limit: 4, window: '4s' }), 2)
    const refuse = (key: string, ...costs: number[]) => {
      for (const cost of [4, ...costs]) limiter.consumeSync(key, { cost })
    }
    refuse('kept', first, second)
    refuse('shorter', 2)
    refuse('new', 4)
    expect(store.stats()).toMatchObject({ refusedKeys: 2, evictedRefused: 1 })
    expect(limiter.consumeSync('kept').allowed).toBe(false)
    expect(limiter.consumeSync('shorter').allowed).toBe(true)
  })

  it('keeps apart what a shadow policy refuses, and not what can never fit', () => {
    const { limiter, store } = setUp(slidingWindow({ limit: 2, window: '1s', shadow: true }), 10)
    limiter.consumeSync('k')
    limiter.consumeSync('k', { cost: 3 })
    expect(store.stats()).toMatchObject({ keys: 1, refusedKeys: 0 })
    limiter.consumeSync('k', { cost: 2 })
    expect(store.stats()).toMatchObject({ keys: 0, refusedKeys: 1 })
  })

  it(`stays within its bounds, and what it forgets is counted ${SEEDED}`, { timeout: PATIENCE }, async () => {
    const request = fc.record({
      step: fc.oneof(fc.constant(0), fc.nat(300)),
      key: fc.nat(12),
      cost: fc.integer({ min: 1, max: 4 }),
    })
    const cases = fc.record({
      maxKeys: fc.integer({ min: 1, max: 6 }),
      requests: fc.array(request, { maxLength: 200, size: 'max' }),
    })
    await check(cases, async ({ maxKeys, requests }) => {
      const { clock, limiter, store } = setUp(tokenBucket({ limit: 4, window: '1s' }), maxKeys)
      const itself = (limit: number) => limit
      const fresh = () => meterOracle({ period: 1000, rate: itself, capacity: itself })
      const oracles = new Map<number, ReturnType<typeof fresh>>()
      /** Keys refused by their last decision, and until when. */
      const refused = new Map<number, number>()
      let forgotten = 0

      for (const { step, key, cost } of requests) {
        clock.now += step
        let oracle = oracles.get(key) ?? fresh()
        const before = store.stats()
        const decision = limiter.consumeSync(`k${key}`, { cost })
        if (decision.used !== oracle.used(clock.now, 4) + (decision.allowed ? cost : 0)) {
          const wasRefused = (refused.get(key) ?? 0) > clock.now
          holds(!wasRefused || before.evictedRefused > 0, `a refused key was freed: k${key}`)
          oracle = fresh()
          forgotten++
        }
        holds(decision.allowed === oracle.admits(clock.now, cost, 4), `allowed k${key}`)
        if (decision.allowed) {
          oracle.charge(clock.now, cost, 4)
          refused.delete(key)
        } else refused.set(key, clock.now + (decision.retryAfterMs as number))
        oracles.set(key, oracle)

        const { keys, refusedKeys, evictedLive, evictedRefused } = store.stats()
        holds(keys <= maxKeys && refusedKeys <= maxKeys, () => `${keys} live and ${refusedKeys} refused keys`)
        holds(forgotten <= evictedLive + evictedRefused, () => `forgot ${forgotten}, counted fewer`)
      }
    })
  })

  it.each(Object.keys(everyKind))('100,000 fresh keys do not free a refused one: %s', (name) => {
    const { policy, capacity } = (everyKind[name] as Kind).build(long[name], {})
    const { limiter, store } = setUp(policy, 1000)
    limiter.reserveSync('refused', { cost: capacity(policy.limit as number) })
    expect(limiter.reserveSync('refused').decision.allowed).toBe(false)
    fill(limiter, 'fresh', 100_000)
    expect(limiter.reserveSync('refused').decision.allowed).toBe(false)
    expect(store.stats()).toEqual({ keys: 1000, refusedKeys: 1, evictedLive: 99_000, evictedRefused: 0 })
  })

  it('holds at most twice maxKeys when all keys are refused; what ends first goes, and is counted', () => {
    const { clock, limiter, store } = setUp(tokenBucket({ limit: 1000, window: '1h' }), 1000)
    const model: { key: string; cost: number; until: number }[] = []
    let evicted = 0
    for (let i = 0; i < 100_000; i++) {
      const [key, cost] = [`k${i}`, 1 + ((i * 7919) % 1000)]
      clock.now += i % 3
      limiter.consumeSync(key, { cost: 1000 })
      const { retryAfterMs } = limiter.consumeSync(key, { cost })
      model.push({ key, cost, until: clock.now + (retryAfterMs as number) })
      if (model.length > 1000) {
        const first = model.reduce((a, b) => (b.until < a.until ? b : a))
        model.splice(model.indexOf(first), 1)
        evicted++
      }
      if (i % 100 === 0) {
        const { keys, refusedKeys } = store.stats()
        expect(keys + refusedKeys).toBeLessThanOrEqual(2000)
      }
    }
    const { refusedKeys, evictedRefused } = store.stats()
    expect({ refusedKeys, evictedRefused }).toEqual({ refusedKeys: 1000, evictedRefused: evicted })
    for (const { key, cost } of model) expect(limiter.consumeSync(key, { cost }).allowed).toBe(false)
  })
})
