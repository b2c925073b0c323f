import { afterEach, describe, expect, it, vi } from 'vitest'
import { quota } from './algorithms/quota/quota.js'
import { slidingWindow } from './algorithms/sliding-window/sliding-window.js'
import { spikeArrest } from './algorithms/spike-arrest/spike-arrest.js'
import { tokenBucket } from './algorithms/token-bucket/token-bucket.js'
import { createLimiter } from './limiter.js'
import type { Outcome, Store } from './store.js'
import { memoryStore } from './stores/memory.js'
import { scriptedStore } from './testing/scripted-store.js'

afterEach(() => vi.restoreAllMocks())

const NOW = Date.UTC(2024, 4, 1, 12)
const clock = () => NOW

describe('a call', () => {
  const pair = { a: slidingWindow({ limit: 5, window: '1m' }), b: slidingWindow({ limit: 5, window: '1m' }) }

  it('takes one key for all, or one for each; null leaves a policy out', () => {
    const { consumeSync } = createLimiter({ policies: pair, clock })
    consumeSync('x')
    const decision = consumeSync({ a: 'x', b: 'y' })
    expect([decision.policies.a.used, decision.policies.b.used]).toEqual([2, 1])
    expect(Object.keys(consumeSync({ a: null, b: 'x' }).policies)).toEqual(['b'])
  })

  it('takes one cost for all, or one for some; an absent one is 1', () => {
    const { consumeSync } = createLimiter({ policies: pair, clock })
    const used = ({ policies: { a, b } }: ReturnType<typeof consumeSync>) => [a?.used, b?.used]
    expect(used(consumeSync('x', { cost: 2 }))).toEqual([2, 2])
    expect(used(consumeSync('x', { cost: { b: 3 } }))).toEqual([3, 5])
    expect(used(consumeSync('y', { cost: undefined }))).toEqual([1, 1])
  })

  it("takes the caller's own limit; undefined is the policy's, Infinity leaves it out", () => {
    const { consumeSync } = createLimiter({ policies: pair, clock })
    const decision = consumeSync('x', { limit: { a: 9, b: undefined } })
    expect([decision.policies.a?.limit, decision.policies.b?.limit]).toEqual([9, 5])
    expect(Object.keys(consumeSync('x', { limit: { a: Number.POSITIVE_INFINITY } }).policies)).toEqual(['b'])
    expect(consumeSync('x', { limit: Number.POSITIVE_INFINITY })).toMatchObject({
      allowed: true,
      limit: Number.POSITIVE_INFINITY,
      remaining: Number.POSITIVE_INFINITY,
      policies: {},
    })
  })

  it('that is misused is a rejection where a promise is due', async () => {
    const limiter = createLimiter({ policies: pair, clock })
    const answers = [limiter.consume(''), limiter.peek(''), limiter.reserve(''), limiter.reset('')]
    const misuse = { code: 'KEY_INVALID' }
    await Promise.all(answers.map((answer) => expect(answer).rejects.toMatchObject(misuse)))
    expect(() => limiter.consumeSync('')).toThrow('KEY_INVALID')
  })

  it("fits by the caller's own limit", () => {
    const { consumeSync } = createLimiter({ policies: pair, clock })
    expect(consumeSync('x', { limit: 9, cost: 9 }).allowed).toBe(true)
    expect(consumeSync('y', { limit: 2, cost: 3 })).toMatchObject({ code: 'COST_EXCEEDS_LIMIT', used: 0 })
  })

  it.each([tokenBucket({ limit: 5, window: '1m', burst: 5 }), spikeArrest('5ps')])(
    'with a limit of 0 is refused whatever it costs, and no wait helps',
    (policy) => {
      const { consumeSync } = createLimiter({ policies: { policy }, clock })
      const refused = { allowed: false, code: 'RATE_LIMIT_EXCEEDED', retryAfterMs: null }
      for (const cost of [0, 1]) expect(consumeSync('x', { limit: 0, cost })).toMatchObject(refused)
    },
  )

  it('reads no name that a record inherits', () => {
    const { consumeSync } = createLimiter({ policies: { constructor: pair.a, b: pair.b }, clock })
    const { policies } = consumeSync('x', { cost: { b: 2 }, limit: { b: 9 } } as object)
    expect([policies.constructor?.used, policies.b?.used]).toEqual([1, 2])
  })

  it('with every policy left out is allowed, and charges nobody', async () => {
    const limiter = createLimiter({ policies: pair, clock })
    expect(await limiter.peek({ a: null, b: null })).toMatchObject({ allowed: true, policies: {}, now: NOW })
    const held = await limiter.reserve({ a: null, b: null })
    expect(held.decision).toEqual(limiter.consumeSync({ a: null, b: null }))
    expect(await held.settle(3)).toBe(true)
  })

  it('resets the policies that it names', async () => {
    const limiter = createLimiter({ policies: pair, clock })
    limiter.consumeSync('x')
    await limiter.reset({ a: 'x', b: null })
    const { a, b } = limiter.consumeSync('x').policies
    expect([a.used, b.used]).toEqual([1, 2])
    await limiter.reset('x')
    expect(limiter.consumeSync('x').used).toBe(1)
  })
})

describe('a limiter', () => {
  const policies = { default: slidingWindow({ limit: 5, window: '1m' }) }

  it('answers a peek as it would a consume, and charges nothing', async () => {
    const limiter = createLimiter({ policies, clock })
    const peeked = await limiter.peek('k')
    expect(await limiter.peek('k')).toEqual(peeked)
    expect(await limiter.consume('k')).toEqual(peeked)
  })

  it('tells onDecision what consume and reserve decide, and survives what it throws', async () => {
    const told: unknown[] = []
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const onDecision = (decision: unknown) => {
      told.push(decision)
      throw new Error('no')
    }
    const limiter = createLimiter({ policies, onDecision })
    const decisions = [
      await limiter.consume('k'),
      limiter.consumeSync('k'),
      (await limiter.reserve('k')).decision,
    ]
    await limiter.peek('k')
    expect(told).toEqual(decisions)
    expect(error).toHaveBeenCalledTimes(3)
  })

  it('has decided once the call returns, its promise too', async () => {
    const onDecision = vi.fn()
    const answer = createLimiter({ policies, onDecision }).consume('k')
    expect(onDecision).toHaveBeenCalledTimes(1)
    expect(await answer).toBe(onDecision.mock.lastCall?.[0])
  })

  it('decides by the real clock unless given another, which it reads once for each decision', () => {
    const before = Date.now()
    expect(createLimiter({ policies }).consumeSync('k').now).toBeGreaterThanOrEqual(before)
    const read = vi.fn(clock)
    createLimiter({ policies: { day: quota({ limit: 5, period: 'day' }) }, clock: read }).consumeSync('k')
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('of the same name and configuration on one store is the same pool; of another name it is not', () => {
    const store = memoryStore()
    const make = (name: string) => createLimiter({ name, policies, store, clock })
    make('api').consumeSync('k')
    expect(make('api').consumeSync('k').used).toBe(2)
    expect(make('web').consumeSync('k').used).toBe(1)
    expect(createLimiter({ policies, clock }).consumeSync('k').used).toBe(1)
  })

  it('is known by its name, its policies and its store', () => {
    const store = memoryStore()
    expect(createLimiter({ name: 'api', policies, store })).toMatchObject({ name: 'api', policies, store })
    expect(createLimiter({ policies }).name).toBe('default')
  })
})

describe('on an asynchronous store', () => {
  const policies = { day: quota({ limit: 5, period: 'day' }) }

  function later(answer: (now: number | undefined) => Partial<Outcome>): Store & { edges: unknown[] } {
    const edges: unknown[] = []
    return {
      edges,
      sync: false,
      prepare: () => async (ops, _mode, now) => {
        edges.push(ops[0]?.edges)
        return { now: NOW, passed: true, results: [], ...answer(now) }
      },
    }
  }

  it('a limiter has no consumeSync', () => {
    expect('consumeSync' in createLimiter({ name: 'api', policies, store: later(() => ({})) })).toBe(false)
  })

  it('asks once more when the clock of the store lay outside the edges', async () => {
    let asked = 0
    const results = [{ passed: true, reply: [NOW, NOW + 1000, 1] }]
    const store = later(() => ({ now: NOW + 10 * 86_400_000, results: asked++ === 0 ? [] : results }))
    const decision = await createLimiter({ name: 'api', policies, store, clock }).consume('k')
    expect(decision).toMatchObject({ allowed: true, used: 1 })
    const midnight = Date.UTC(2024, 4, 1)
    const around = (day: number) => [-1, 0, 1, 2].map((step) => midnight + (day + step) * 86_400_000)
    expect(store.edges).toEqual([around(0), around(10)])
  })

  it('a store that fails does not fail the decision: the fallback decides', async () => {
    const store = later(() => {
      throw new Error('gone')
    })
    const limiter = createLimiter({ name: 'api', policies, store, clock })
    expect(await limiter.consume('k')).toMatchObject({ allowed: true, source: 'local', used: 1 })
  })

  it('is told of a settlement where its clock is then', async () => {
    const store = scriptedStore()
    let ahead = 0
    store.clock = () => Date.now() + ahead
    const limiter = createLimiter({ name: 'api', policies, store })
    const held = await limiter.reserve('k')
    ahead = 40 * 86_400_000
    expect(await held.settle(4)).toBe(true)
    expect(await limiter.peek('k', { cost: 0 })).toMatchObject({ source: 'store', used: 3 })
    ahead = -40 * 86_400_000
    await limiter.reset('k')
    expect((await limiter.peek('k', { cost: 0 })).used).toBe(0)
  })

  it('is asked around the clock that it showed', async () => {
    const store = later(() => ({
      now: Date.now() + 10 * 86_400_000,
      results: [{ passed: true, reply: [0, 9e15, 1] }],
    }))
    const limiter = createLimiter({ name: 'api', policies, store, denyCache: 0 })
    for (let i = 0; i < 2; i++) await limiter.consume('k')
    const [first, second] = store.edges as number[][]
    expect((second?.[1] as number) - (first?.[1] as number)).toBeGreaterThanOrEqual(9 * 86_400_000)
  })
})
