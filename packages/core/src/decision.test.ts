import { describe, expect, it } from 'vitest'
import { concurrency } from './algorithms/concurrency/concurrency.js'
import { leakyBucket } from './algorithms/leaky-bucket/leaky-bucket.js'
import { quota } from './algorithms/quota/quota.js'
import { slidingWindow } from './algorithms/sliding-window/sliding-window.js'
import { tokenBucket } from './algorithms/token-bucket/token-bucket.js'
import { decide } from './decision.js'
import { createLimiter } from './limiter.js'

const NOW = Date.UTC(2024, 4, 1, 12)
const clock = () => NOW

describe('a decision', () => {
  const policies = {
    burst: tokenBucket({ limit: 10, window: '1s', burst: 20 }),
    minute: slidingWindow({ limit: 300, window: '1m', unit: 'requests' }),
    day: quota({ limit: 1000, period: 'day' }),
  }

  it('names the binding policy, and carries the state of every one', () => {
    const { consumeSync } = createLimiter({ policies, clock })
    const decision = consumeSync('user:42', { cost: { minute: 30, day: 50 } })
    expect(decision).toEqual({
      allowed: true,
      code: 'OK',
      policy: 'minute',
      limit: 300,
      used: 30,
      remaining: 270,
      retryAfterMs: 0,
      resetMs: 60_000,
      delayMs: 0,
      adviseMs: 0,
      now: NOW,
      policies: {
        burst: state({ limit: 20, windowMs: 2000, used: 1, remaining: 19, resetMs: 100 }),
        minute: state({
          limit: 300,
          windowMs: 60_000,
          used: 30,
          remaining: 270,
          resetMs: 60_000,
          unit: 'requests',
        }),
        day: state({
          limit: 1000,
          windowMs: 86_400_000,
          used: 50,
          remaining: 950,
          resetMs: 43_200_000,
        }),
      },
      source: 'store',
      atomic: true,
    })
  })

  it('charges nobody when one refuses, and names the one with the longest wait', () => {
    const { consumeSync } = createLimiter({ policies, clock })
    consumeSync('user:42', { cost: { burst: 20, minute: 300, day: 0 } })
    const decision = consumeSync('user:42')
    expect(decision).toMatchObject({
      allowed: false,
      code: 'RATE_LIMIT_EXCEEDED',
      policy: 'minute',
      retryAfterMs: 60_000,
      policies: {
        burst: { allowed: false, retryAfterMs: 100, used: 20 },
        minute: { allowed: false, retryAfterMs: 60_000, used: 300 },
        day: { allowed: true, retryAfterMs: 0, used: 0 },
      },
    })
  })

  it('of equal shares binds the longer wait for the same cost again, then the one written first', () => {
    const even = (window: '1s' | '1m') => slidingWindow({ limit: 2, window })
    const { consumeSync } = createLimiter({
      policies: { a: even('1s'), b: even('1m'), c: even('1m') },
      clock,
    })
    expect(consumeSync('k').policy).toBe('a')
    expect(consumeSync('k').policy).toBe('b')
    expect(consumeSync('k')).toMatchObject({ allowed: false, policy: 'b' })
  })

  it('says with which code it refuses', () => {
    const { consumeSync } = createLimiter({
      policies: {
        pace: slidingWindow({ limit: 1, window: '1m' }),
        shared: slidingWindow({ limit: 1, window: '1m', code: 'THROTTLED' }),
        day: quota({ limit: 1, period: 'day' }),
      },
      clock,
    })
    const only = (name: string) => ({ pace: null, shared: null, day: null, [name]: 'k' })
    for (const name of ['pace', 'shared', 'day']) consumeSync(only(name))
    expect(consumeSync(only('pace')).code).toBe('RATE_LIMIT_EXCEEDED')
    expect(consumeSync(only('shared')).code).toBe('THROTTLED')
    expect(consumeSync(only('day')).code).toBe('QUOTA_EXCEEDED')
    expect(consumeSync(only('day'), { limit: 0 })).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      retryAfterMs: null,
    })
    expect(consumeSync(only('day'), { cost: 2 })).toMatchObject({
      code: 'COST_EXCEEDS_LIMIT',
      retryAfterMs: null,
    })
  })

  it('a shadow policy reports, and neither refuses nor binds nor delays', () => {
    const { consumeSync } = createLimiter({
      policies: {
        tried: leakyBucket({ limit: 1, window: '1m', queue: 1, shadow: true }),
        real: slidingWindow({ limit: 10, window: '1m' }),
      },
      clock,
    })
    for (let i = 0; i < 2; i++) expect(consumeSync('k')).toMatchObject({ policy: 'real', delayMs: 0 })
    expect(consumeSync('k')).toMatchObject({
      allowed: true,
      policy: 'real',
      used: 3,
      policies: { tried: { allowed: false, shadow: true, used: 2, retryAfterMs: 60_000 } },
    })
  })

  it('a hidden policy binds only when it refuses', () => {
    const { consumeSync } = createLimiter({
      policies: {
        gateway: slidingWindow({ limit: 2, window: '1m', hidden: true, code: 'THROTTLED' }),
        user: slidingWindow({ limit: 100, window: '1m' }),
      },
      clock,
    })
    for (let i = 0; i < 2; i++) expect(consumeSync('k')).toMatchObject({ allowed: true, policy: 'user' })
    const refusal = { allowed: false, policy: 'gateway', code: 'THROTTLED' }
    expect(consumeSync('k')).toMatchObject({ ...refusal, policies: { gateway: { hidden: true } } })
  })

  it('delays by the slowest of several shapers', () => {
    const { consumeSync } = createLimiter({
      policies: {
        fast: leakyBucket({ limit: 10, window: '1s', queue: 5 }),
        slow: leakyBucket({ limit: 1, window: '1s', queue: 5 }),
      },
      clock,
    })
    expect([1, 2, 3].map(() => consumeSync('k').delayMs)).toEqual([0, 1000, 2000])
  })

  describe('of what a store has told', () => {
    const plan = {
      name: 'api',
      policies: [
        { ...tokenBucket({ limit: 5, window: '5s' }), name: 'pace' },
        { ...concurrency({ limit: 5, lease: '10s' }), name: 'slots' },
      ],
    }
    const ops = plan.policies.map((_, policy) => ({ policy, key: 'k', cost: 1, limit: 5, fits: true }))
    const results = [
      { passed: true, reply: [10_000, NOW, 5], now: NOW + 1000 },
      { passed: true, reply: [1, NOW + 2000, NOW + 2000] },
    ]

    it('reads each result by the clock that decided on it', () => {
      const decision = decide(plan, ops, { now: NOW, passed: true, results, atomic: false })
      expect(decision).toMatchObject({ now: NOW, source: 'store', atomic: false })
      expect(decision.policies['pace']).toMatchObject({ used: 1, resetMs: 1000 })
    })

    it('says which policy holds slots', () => {
      const { policies } = decide(plan, ops, { now: NOW, passed: true, results })
      expect(policies['slots']).toHaveProperty('slots', true)
      expect(policies['pace']).not.toHaveProperty('slots')
    })

    it('says how long nothing can be known, where nothing else could decide', () => {
      const outcome = { now: NOW, passed: false, results, source: 'fallback', unavailableMs: 700 } as const
      expect(decide(plan, ops, outcome)).toMatchObject({
        allowed: false,
        code: 'LIMITER_UNAVAILABLE',
        retryAfterMs: 700,
        source: 'fallback',
        atomic: true,
      })
    })
  })
})

function state(rest: object): object {
  return { key: 'user:42', allowed: true, retryAfterMs: 0, ...rest }
}
