import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixedWindow } from '../algorithms/fixed-window/fixed-window.js'
import { slidingWindow } from '../algorithms/sliding-window/sliding-window.js'
import { tokenBucket } from '../algorithms/token-bucket/token-bucket.js'
import { resolve } from '../call.js'
import { type Decision, decide } from '../decision.js'
import { createLimiter, type Limiter } from '../limiter.js'
import type { Policy, PolicyOptions } from '../policy.js'
import type { Reservation } from '../reservation.js'
import type { Plan } from '../store.js'
import { memoryStore } from '../stores/memory.js'
import { beginning, commands } from '../testing/arbitraries.js'
import { check, holds, PATIENCE, RUNS, SEEDED } from '../testing/check.js'
import { Comparison } from '../testing/comparison.js'
import { everyKind, type Kind, type Subject } from '../testing/kinds.js'
import { scriptedStore } from '../testing/scripted-store.js'
import { DenyCache } from './deny-cache.js'

const options: fc.Arbitrary<PolicyOptions> = fc.record({
  shadow: fc.nat(3).map((drawn) => drawn === 0),
  hidden: fc.boolean(),
})
const subject: fc.Arbitrary<Subject> = fc
  .constantFrom(...Object.values(everyKind))
  .chain((kind: Kind) =>
    fc.record({ params: kind.params, options }).map(({ params, options }) => kind.build(params, options)),
  )

describe('a deny cache', () => {
  it(`refuses as a store that is asked at the same moment ${SEEDED}`, { timeout: PATIENCE }, async () => {
    const cases = fc.array(subject, { minLength: 1, maxLength: 3 }).chain((subjects) =>
      fc.record({
        subjects: fc.constant(subjects),
        denyCache: fc.constantFrom('1s' as const, '1m' as const, '1000d' as const),
        beginning,
        commands: commands(subjects.length),
      }),
    )
    let cached = 0
    await check(cases, async ({ subjects, denyCache, beginning, commands }) => {
      const comparison = new Comparison(subjects, denyCache, beginning)
      for (const command of commands) await comparison.step(command)
      cached += comparison.cached
    })
    expect(cached).toBeGreaterThanOrEqual(Math.floor(RUNS / 20))
  })

  it(`never refuses what the store would admit, nor says too short a wait ${SEEDED}`, {
    timeout: PATIENCE,
  }, async () => {
    const delayMs = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 60, noNaN: true }))
    const step = fc.record({
      thinks: fc.oneof(
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 1000, noNaN: true }),
      ),
      sends: delayMs,
      receives: delayMs,
      cost: fc.integer({ min: 1, max: 3 }),
    })
    const cases = fc.record({
      subject,
      ahead: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      steps: fc.array(step, { maxLength: 60 }),
    })
    let cached = 0
    await check(cases, async ({ subject, ahead, steps }) => {
      const plan: Plan = { name: 'network', policies: [{ ...subject.policy, shadow: false, name: 'policy' }] }
      const apply = memoryStore().prepare(plan)
      const denials = new DenyCache(plan, 500, 20)
      const storeClock = (at: number) => Math.floor(Date.UTC(2030) + ahead + at)
      const edges = plan.policies[0]?.edges?.(storeClock(0))
      let at = 0
      for (const { thinks, sends, receives, cost } of steps) {
        at += thinks
        const ops = resolve(plan, 'k', { cost }).map((op) => ({ ...op, edges }))
        const denial = denials.refusal(ops, at)
        if (denial === undefined) {
          const asked = at
          const outcome = apply(ops, 'consume', storeClock(asked + sends))
          at = asked + sends + receives
          if (outcome.passed) denials.drop(ops)
          else denials.remember(ops, outcome, asked, at)
          continue
        }
        cached++
        holds(!apply(ops, 'peek', storeClock(at)).passed, 'the store would admit it')
        const { retryAfterMs } = decide(plan, ops, denial)
        if (retryAfterMs === null) holds(ops[0]?.fits === false, 'no wait is said')
        else {
          const then = apply(ops, 'peek', storeClock(at + retryAfterMs))
          // An hour later the calendar edges are others.
          holds(then.passed || then.results.length === 0, `after ${retryAfterMs} ms; refused`)
        }
      }
    })
    expect(cached).toBeGreaterThanOrEqual(Math.floor(RUNS / 20))
  })
})

describe('a refusal of an asynchronous store', () => {
  const NOW = Date.UTC(2030, 0, 1)
  const window = (own: PolicyOptions = {}) => slidingWindow({ limit: 3, window: '1m', ...own })

  /** A limiter whose key `k` is used up, at a clock that stands still until told. */
  async function full(policies: Record<string, Policy>, denyCache: '1s' | 0 = '1s') {
    const clock = { now: NOW }
    const store = scriptedStore()
    const limiter = createLimiter({ name: 'cached', policies, store, denyCache, clock: () => clock.now })
    await limiter.consume('k', { cost: 3 })
    const asked = () => store.calls.length
    return { clock, store, limiter, asked }
  }

  it('is repeated without asking, for as long as it is certain and not too old', async () => {
    const { clock, limiter, asked } = await full({
      policy: fixedWindow({ limit: 3, window: '1s', start: 'first' }),
    })
    const first = await limiter.consume('k')
    for (clock.now = NOW; clock.now < NOW + 1000; clock.now++) {
      const { allowed, source, retryAfterMs } = await limiter.consume('k')
      expect([allowed, source, retryAfterMs]).toEqual([false, 'deny-cache', NOW + 1000 - clock.now])
    }
    expect(first.source).toBe('store')
    expect(asked()).toBe(2)
    expect(await limiter.consume('k')).toMatchObject({ allowed: true, source: 'store' })
  })

  it('is asked for again once it is as old as `denyCache`', async () => {
    const { clock, limiter, asked } = await full({ policy: window() })
    const sources = []
    for (let i = 0; i < 6; i++) {
      sources.push((await limiter.consume('k')).source)
      clock.now += 333
    }
    const cached = Array(3).fill('deny-cache')
    expect(sources).toEqual(['store', ...cached, 'store', 'deny-cache'])
    expect(asked()).toBe(3)
  })

  it('is asked for again by one request only; those that come before its answer are refused as before', async () => {
    const { clock, limiter, store, asked } = await full({ policy: window() })
    await limiter.consume('k')
    const before = asked()
    const answers: (() => void)[] = []
    store.does = (truth) => new Promise((resolve) => answers.push(() => resolve(truth())))
    const ask = (count: number) => Array.from({ length: count }, () => limiter.consume('k'))
    clock.now += 1000
    const [renewing, ...others] = ask(5)
    for (const { source, allowed } of await Promise.all(others)) {
      expect([source, allowed]).toEqual(['deny-cache', false])
    }
    // When it does not come within the deadline, the old one is too old.
    clock.now += 50
    const too = limiter.consume('k')
    expect(asked()).toBe(before + 2)
    for (const answer of answers) answer()
    expect([(await too).source, (await renewing)?.source]).toEqual(['store', 'store'])
    expect((await limiter.consume('k')).source).toBe('deny-cache')
  })

  it('is asked for each time when `denyCache` is 0', async () => {
    const { limiter, asked } = await full({ policy: window() }, 0)
    for (let i = 0; i < 3; i++) expect((await limiter.consume('k')).source).toBe('store')
    expect(asked()).toBe(4)
  })

  it('says nothing about another key, cost or limit, nor to a peek', async () => {
    const { limiter } = await full({ policy: window() })
    await limiter.consume('k', { cost: 2 })
    const sources = [
      await limiter.consume('k', { cost: 2 }),
      await limiter.peek('k', { cost: 2 }),
      await limiter.consume('k', { cost: 3 }),
      await limiter.consume('k', { cost: 3, limit: 4 }),
      await limiter.consume('other', { cost: 3, limit: 4 }),
      await limiter.consume('k', { cost: 3, limit: 4 }),
    ].map(({ source }) => source)
    expect(sources).toEqual(['deny-cache', 'store', 'store', 'store', 'store', 'deny-cache'])
  })

  it('holds for a decision only where every policy of it is known', async () => {
    const { limiter } = await full({ a: window(), b: window() })
    await limiter.consume({ a: 'k', b: null })
    expect((await limiter.consume({ a: 'k', b: null })).source).toBe('deny-cache')
    expect((await limiter.consume({ a: 'k', b: 'other' })).source).toBe('store')
    expect((await limiter.consume({ a: 'k', b: 'other' })).source).toBe('deny-cache')
  })

  it('is told to onDecision too, and a reservation of it is void', async () => {
    const told: string[] = []
    const store = scriptedStore()
    const onDecision = ({ source }: Decision) => void told.push(source)
    const limiter = createLimiter({ name: 'told', policies: { policy: window() }, store, onDecision })
    for (const cost of [3, 1, 1]) await limiter.consume('k', { cost })
    const held = await limiter.reserve('k')
    expect(told).toEqual(['store', 'store', 'deny-cache', 'deny-cache'])
    expect([await held.settle(0), await held.cancel()]).toEqual([false, false])
    expect(store.calls).toHaveLength(2)
  })

  it.each<[string, (limiter: Limiter, held: Reservation) => Promise<unknown>]>([
    ['a reset', (limiter) => limiter.reset('k')],
    ['a reset of one policy', (limiter) => limiter.reset({ policy: 'k' })],
    ['a settlement', (_limiter, held) => held.settle(1)],
    ['a cancellation', (_limiter, held) => held.cancel()],
  ])('is dropped by %s', async (_, change) => {
    const clock = { now: NOW }
    const store = scriptedStore()
    const policies = { policy: tokenBucket({ limit: 3, window: '1m' }) }
    const limiter = createLimiter({ name: 'dropped', policies, store, clock: () => clock.now })
    const held = await limiter.reserve('k', { cost: 3 })
    for (const source of ['store', 'deny-cache']) expect((await limiter.consume('k')).source).toBe(source)
    await change(limiter, held)
    expect(await limiter.consume('k')).toMatchObject({ allowed: true, source: 'store' })
  })

  it('is dropped by an admission of another cost', async () => {
    const { limiter } = await full({ policy: slidingWindow({ limit: 5, window: '1m' }) })
    for (const source of ['store', 'deny-cache']) {
      expect(await limiter.consume('k', { cost: 3 })).toMatchObject({ allowed: false, source, remaining: 2 })
    }
    expect((await limiter.consume('k')).allowed).toBe(true)
    expect(await limiter.consume('k', { cost: 3 })).toMatchObject({ source: 'store', remaining: 1 })
  })

  it('is not remembered when a reset was asked for after it, whichever answer comes first', async () => {
    const clock = { now: NOW }
    const store = scriptedStore()
    const limiter = createLimiter({
      name: 'race',
      policies: { policy: window() },
      store,
      clock: () => clock.now,
    })
    await limiter.consume('k', { cost: 3 })
    let answer = () => {}
    store.does = (truth) => {
      const refusal = truth()
      return new Promise((resolve) => {
        answer = () => resolve(refusal)
      })
    }
    const slow = limiter.consume('k')
    store.does = (truth) => truth()
    clock.now++
    await limiter.reset('k')
    answer()
    expect((await slow).allowed).toBe(false)
    expect(await limiter.consume('k')).toMatchObject({ allowed: true, source: 'store' })
  })

  it('is dropped by a reset that failed: who knows', async () => {
    const { limiter, store } = await full({ policy: window() })
    await limiter.consume('k')
    store.does = (truth) => {
      truth()
      throw new Error('the answer was lost')
    }
    await expect(limiter.reset('k')).rejects.toMatchObject({ code: 'STORE_FAILED' })
    store.does = (truth) => truth()
    expect((await limiter.consume('k')).allowed).toBe(true)
  })

  it('is never remembered where a refusal charges', async () => {
    const { limiter } = await full({ policy: window({ chargeRefused: true }), other: window() })
    for (let used = 4; used < 8; used++) {
      const { source, policies } = await limiter.consume('k')
      expect([source, policies['policy']?.used]).toEqual(['store', used])
    }
  })

  it('is not remembered when something was charged and given back for it', async () => {
    const { limiter, store } = await full({ policy: window() })
    store.does = (truth) => ({ ...truth(), compensated: true })
    for (let i = 0; i < 2; i++) expect((await limiter.consume('k')).source).toBe('store')
  })

  it('reckons with the clocks of several servers, each policy with its own', async () => {
    const { limiter, store, clock } = await full({ a: window(), b: window() })
    store.does = (truth) => {
      const { results, ...outcome } = truth()
      return { ...outcome, results: results.map((result, i) => ({ ...result, now: NOW - 100 * i })) }
    }
    const first = await limiter.consume('k')
    clock.now += 50
    const second = await limiter.consume('k')
    expect(second.source).toBe('deny-cache')
    for (const name of ['a', 'b'] as const) {
      expect(second.policies[name]?.retryAfterMs).toBe((first.policies[name]?.retryAfterMs as number) - 50)
    }
  })

  it('is one of the last 10,000', async () => {
    const { limiter, asked } = await full({ policy: window() })
    const refuse = (key: string) => limiter.consume(key, { cost: 4 })
    for (let i = 0; i <= 10_000; i++) await refuse(`key ${i}`)
    const before = asked()
    for (let i = 1; i <= 10_000; i++) await refuse(`key ${i}`)
    expect(asked()).toBe(before)
    await refuse('key 0')
    expect(asked()).toBe(before + 1)
  })
})
