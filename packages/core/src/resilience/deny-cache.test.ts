import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixedWindow } from '../algorithms/fixed-window/fixed-window.js'
import { slidingCounter } from '../algorithms/sliding-counter/sliding-counter.js'
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
import { limitOf } from '../testing/track.js'
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
      times: fc.constantFrom(undefined, undefined, 0.5, 2),
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
      const denials = new DenyCache(plan)
      const storeClock = (at: number) => Math.floor(Date.UTC(2030) + ahead + at)
      const edges = plan.policies[0]?.edges?.(storeClock(0))
      let at = 0
      for (const { thinks, sends, receives, cost, times } of steps) {
        at += thinks
        const limit = limitOf(times === undefined ? undefined : { times }, subject)
        const ops = resolve(plan, 'k', { cost, limit }).map((op) => ({ ...op, edges }))
        const denial = denials.refusal(ops, at)
        if (denial === undefined || denial.ageMs >= 500) {
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

  it('is repeated without asking, for as long as it is certain', async () => {
    const { clock, limiter, asked } = await full({
      policy: fixedWindow({ limit: 3, window: '900ms', start: 'first' }),
    })
    const first = await limiter.consume('k')
    for (clock.now = NOW; clock.now < NOW + 900; clock.now++) {
      const { allowed, source, retryAfterMs } = await limiter.consume('k')
      expect([allowed, source, retryAfterMs]).toEqual([false, 'deny-cache', NOW + 900 - clock.now])
    }
    expect(first.source).toBe('store')
    expect(asked()).toBe(2)
    expect(await limiter.consume('k')).toMatchObject({ allowed: true, source: 'store' })
  })

  it('is asked for each time when `denyCache` is 0', async () => {
    const { limiter, asked } = await full({ policy: window() }, 0)
    for (let i = 0; i < 3; i++) expect((await limiter.consume('k')).source).toBe('store')
    expect(asked()).toBe(4)
  })

  it('says nothing about another key, nor to a peek', async () => {
    const { limiter } = await full({ policy: window() })
    await limiter.consume('k')
    expect((await limiter.peek('k')).source).toBe('store')
    expect((await limiter.consume('other')).source).toBe('store')
    expect((await limiter.consume('k')).source).toBe('deny-cache')
  })

  it.each<[string, Policy]>([
    ['tokenBucket', tokenBucket({ limit: 3, window: '1m' })],
    ['fixedWindow', fixedWindow({ limit: 3, window: '1m' })],
    ['slidingCounter', slidingCounter({ limit: 3, window: '1m' })],
  ])('also refuses another cost and another limit, as the store would (%s)', async (_, policy) => {
    const { limiter, clock } = await full({ policy })
    await limiter.consume('k')
    clock.now += 500
    for (const options of [{ cost: 2 }, { limit: 2 }, { cost: 3, limit: 4 }, { cost: 9 }, { limit: 0 }]) {
      const { source, ...refused } = await limiter.consume('k', options)
      expect(source).toBe('deny-cache')
      expect({ source: 'store', ...refused }).toEqual(await limiter.peek('k', options))
    }
    expect(await limiter.consume('k', { limit: 10 })).toMatchObject({ allowed: true, source: 'store' })
  })

  it('of a log refuses another cost or limit only where no wait helps: its reply tells one wait', async () => {
    const { limiter } = await full({ policy: window() })
    await limiter.consume('k')
    const sources = []
    for (const options of [{ cost: 4 }, { limit: 0 }, { cost: 2 }, { cost: 2 }, { cost: 2, limit: 2 }]) {
      sources.push((await limiter.consume('k', options)).source)
    }
    expect(sources).toEqual(['deny-cache', 'deny-cache', 'store', 'deny-cache', 'store'])
  })

  it('of a log may tell of another cost that this policy would admit it', async () => {
    const { limiter } = await full({
      used: fixedWindow({ limit: 3, window: '1m' }),
      log: slidingWindow({ limit: 9, window: '1m' }),
    })
    await limiter.consume('k', { cost: 2 })
    const { source, ...refused } = await limiter.consume('k')
    expect([source, refused.policies['log']?.allowed]).toEqual(['deny-cache', true])
    expect({ source: 'store', ...refused }).toEqual(await limiter.peek('k'))
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

  it.each(['answered', 'lost'])(
    'is dropped by a reset at once, and not remembered while it is on its way, to be %s',
    async (fate) => {
      const { clock, limiter, store } = await full({ policy: window() })
      await limiter.consume('k')
      let arrive = () => {}
      store.does = (truth) =>
        new Promise((resolve, reject) => {
          arrive = () => {
            const outcome = truth()
            if (fate === 'answered') resolve(outcome)
            else reject(new Error('the answer was lost'))
          }
        })
      const reset = limiter.reset('k').catch(() => {})
      store.does = (truth) => truth()
      clock.now++
      expect(await limiter.consume('k')).toMatchObject({ allowed: false, source: 'store' })
      clock.now++
      arrive()
      await reset
      expect(await limiter.consume('k')).toMatchObject({ allowed: true, source: 'store' })
    },
  )

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

  describe('by several keys, which may lie on servers apart', () => {
    const policies = { a: window(), b: window(), c: window() }
    const one = { a: 'k', b: 'k', c: null }
    const several = { a: 'k', b: 'other', c: 'other' }

    /** Each key's server has a clock of its own, which for `other` is 100 ms behind. */
    async function split() {
      const set = await full(policies)
      await set.limiter.consume('other', { cost: 3 })
      set.store.does = (truth) => {
        const outcome = truth()
        const ops = set.store.calls.at(-1)?.ops ?? []
        const clocks = ops.map(({ key }) => (key === 'other' ? outcome.now - 100 : outcome.now))
        const now = Math.max(...clocks)
        if (new Set(clocks).size === 1) return { ...outcome, now }
        const results = outcome.results.map((result, i) => ({ ...result, now: clocks[i] as number }))
        return { ...outcome, now, results, atomic: false }
      }
      return set
    }

    it('is repeated by the clock of each, and is not atomic', async () => {
      const { limiter, clock } = await split()
      const first = await limiter.consume(several)
      expect([first.source, first.atomic]).toEqual(['store', false])
      clock.now += 50
      const second = await limiter.consume(several)
      expect([second.source, second.atomic, second.now]).toEqual(['deny-cache', false, NOW + 50])
      for (const name of ['a', 'b', 'c'] as const) {
        const before = first.policies[name]?.retryAfterMs as number
        expect(second.policies[name]?.retryAfterMs).toBe(before - 50)
      }
    })

    it('has one clock for each key, whichever answer is newer', async () => {
      const { limiter, clock } = await split()
      await limiter.consume(several)
      clock.now += 50
      expect((await limiter.consume({ a: 'own', b: null, c: 'other' })).source).toBe('store')
      const { source, policies } = await limiter.consume(several)
      expect([source, policies['b']?.resetMs]).toEqual(['deny-cache', policies['c']?.resetMs])
    })

    it('is atomic where what is known of one key came by decisions on several', async () => {
      const { limiter } = await split()
      await limiter.consume(several)
      expect(await limiter.consume({ ...several, a: null })).toMatchObject({
        source: 'deny-cache',
        atomic: true,
      })
    })

    it('is asked for once, however well each key is known: who knows where they lie', async () => {
      const { limiter } = await split()
      await limiter.consume(one)
      await limiter.consume({ a: null, b: 'other', c: 'other' })
      const sources: string[] = []
      for (let i = 0; i < 2; i++) {
        const { source, atomic } = await limiter.consume(several)
        sources.push(source)
        expect(atomic).toBe(false)
      }
      expect(sources).toEqual(['store', 'deny-cache'])
    })

    it('goes by one clock for all policies of a server, the latest known', () => {
      const policy = slidingWindow({ limit: 1, window: '1m' })
      const plan: Plan = { name: 'apart', policies: ['a', 'b', 'c'].map((name) => ({ ...policy, name })) }
      const ops = resolve(plan, { a: 'here', b: 'there', c: 'there' }, undefined)
      const at = (now: number) => ({ passed: false, reply: [1, now, now, now], now })
      const cache = new DenyCache(plan)
      cache.remember(
        ops,
        { now: 5000, passed: false, results: [5000, 5000, 5000].map(at), atomic: false },
        0,
        40,
      )
      cache.remember(ops.slice(2), { now: 5050, passed: false, results: [at(5050)] }, 50, 51)
      const clocks = cache.refusal(ops, 200)?.results.map(({ now }) => now)
      expect(clocks).toEqual([5160, 5199, 5199])
    })

    it('is atomic where one server has them all', async () => {
      const { limiter } = await full(policies)
      for (const source of ['store', 'deny-cache']) {
        expect(await limiter.consume(several)).toMatchObject({ source, atomic: true })
      }
    })
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
