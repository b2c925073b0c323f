import { describe, expect, it } from 'vitest'
import { concurrency } from './algorithms/concurrency/concurrency.js'
import { penalty } from './algorithms/penalty/penalty.js'
import { quota } from './algorithms/quota/quota.js'
import { slidingWindow } from './algorithms/sliding-window/sliding-window.js'
import { spikeArrest } from './algorithms/spike-arrest/spike-arrest.js'
import { tokenBucket } from './algorithms/token-bucket/token-bucket.js'
import type { CallOptions } from './call.js'
import type { Explanation } from './explain.js'
import { createLimiter } from './limiter.js'
import type { Policy } from './policy.js'
import { failure, scriptedStore } from './testing/scripted-store.js'

const NOW = Date.UTC(2030)

function setUp<const Name extends string>(policies: Record<Name, Policy>) {
  const clock = { now: NOW }
  return { clock, limiter: createLimiter({ policies, clock: () => clock.now }) }
}

/** What one policy says after so many requests, each so many ms after the last, and one of this kind. */
async function said(policy: Policy, steps: readonly number[], options: CallOptions = {}): Promise<string> {
  const { clock, limiter } = setUp({ policy })
  for (const step of steps) {
    clock.now += step
    await limiter.reserve('k')
  }
  return (await limiter.explain('k', options)).policies.policy.text
}

describe('explain', () => {
  it('tells how each policy stands, with nothing charged, which one refuses, and why', async () => {
    const policies = {
      minute: slidingWindow({ limit: 2, window: '1m' }),
      day: quota({ limit: 10, period: 'day', unit: 'points' }),
    }
    const { clock, limiter } = setUp(policies)
    await limiter.consume('k')
    const before = await limiter.explain('k')
    expect(before).toEqual({
      allowed: true,
      code: 'OK',
      policy: 'minute',
      retryAfterMs: 0,
      text: 'Nothing refuses.',
      now: NOW,
      source: 'store',
      policies: {
        minute: {
          counted: true,
          key: 'k',
          allowed: true,
          limit: 2,
          windowMs: 60_000,
          used: 1,
          remaining: 1,
          resetMs: 60_000,
          retryAfterMs: 0,
          text: '1 of 2 used in a window of 1 minute; all is free again in 60 s',
        },
        day: expect.objectContaining({
          unit: 'points',
          text: '1 of 10 points used in a window of 1 day; all is free again in 1 day',
        }),
      },
    })
    expect(await limiter.explain('k')).toEqual(before)
    await limiter.consume('k')
    clock.now += 47_612
    expect(await limiter.explain('k')).toMatchObject({
      allowed: false,
      code: 'RATE_LIMIT_EXCEEDED',
      policy: 'minute',
      retryAfterMs: 12_388,
      text: '"minute" refuses: 2 of 2 used in a window of 1 minute; the next is admitted in 12.4 s.',
      policies: {
        minute: { allowed: false, used: 2, retryAfterMs: 12_388 },
        day: { allowed: true, used: 2 },
      },
    })
  })

  it('has the cost of each policy, where it is not 1', async () => {
    const policy = slidingWindow({ limit: 3, window: '1s' })
    const { limiter } = setUp({ a: policy, b: policy, c: policy })
    const keys = { a: null, b: 'k', c: 'k' }
    const { policies } = await limiter.explain(keys, { cost: { c: 2 } })
    expect(policies.b).not.toHaveProperty('cost')
    expect(policies.c).toMatchObject({ cost: 2, used: 0 })
  })

  it('says so where nothing is used', async () => {
    expect(await said(spikeArrest('5ps'), [])).toBe('0 of 1 used in a window of 200 ms')
  })

  it('is for the cost and the limit of the call', async () => {
    const policy = slidingWindow({ limit: 3, window: '1s' })
    const used = '2 of 3 used in a window of 1 second; '
    expect(await said(policy, [0, 0])).toBe(`${used}all is free again in 1 s`)
    expect(await said(policy, [0, 0], { cost: 2 })).toBe(`${used}a cost of 2 is admitted in 1 s`)
    expect(await said(policy, [0, 0], { cost: 4 })).toBe(`${used}a cost of 4 never fits`)
    expect(await said(policy, [0, 0], { limit: 0 })).toBe('the limit is 0, which admits nothing')
  })

  it('tells the spacing that a spike arrest wants', async () => {
    expect(await said(spikeArrest('5ps'), [0, 57])).toBe(
      '1 of 1 used in a window of 200 ms; it wants 200 ms between calls and saw 57 ms; the next is admitted in 143 ms',
    )
  })

  it('tells of slots', async () => {
    const slots = concurrency({ limit: 2, lease: '30s' })
    expect(await said(slots, [0])).toBe('1 of 2 held at once; all is free again in 30 s at the latest')
    expect(await said(slots, [0, 1000])).toBe(
      '2 of 2 held at once; the next is admitted in 29 s at the latest',
    )
  })

  it('tells of a penalty that runs, and of one that would begin', async () => {
    const pace = penalty(slidingWindow({ limit: 1, window: '1s' }), { first: '30s', max: '1h' })
    const used = '1 of 1 used in a window of 1 second; '
    expect(await said(pace, [0])).toBe(`${used}the next begins a penalty of 30 s`)
    const costly = tokenBucket({ limit: 2, window: '1s' })
    expect(await said(penalty(costly, { first: '30s', max: '1h' }), [0], { cost: 2 })).toBe(
      '1 of 2 used in a window of 1 second; a cost of 2 begins a penalty of 30 s',
    )
    expect(await said(pace, [0, 0])).toBe(`${used}penalty 1 ends in 30 s; the next is admitted in 30 s`)
    const { clock, limiter } = setUp({ pace })
    await limiter.consume('k')
    await limiter.consume('k')
    clock.now += 10_000
    expect((await limiter.explain('k')).policies.pace).toMatchObject({
      used: 0,
      remaining: 0,
      retryAfterMs: 20_000,
      penalty: { endsInMs: 20_000, offences: 1 },
    })
  })

  it('tells who is near a limit, and who only watches', async () => {
    const near = slidingWindow({ limit: 2, window: '1s', warnAt: 0.5, shadow: true })
    expect(await said(near, [])).toBe('0 of 2 used in a window of 1 second; it only watches')
    expect(await said(near, [0])).toBe(
      '1 of 2 used in a window of 1 second; near its limit; all is free again in 1 s; it only watches',
    )
    expect(await said(near, [0], { cost: 2 })).toBe(
      '1 of 2 used in a window of 1 second; near its limit; a cost of 2 would be admitted in 1 s; it only watches',
    )
    expect(await said(near, [0, 0])).toBe(
      '2 of 2 used in a window of 1 second; the next would be admitted in 1 s; it only watches',
    )
  })

  it('tells which policies have no part, and why', async () => {
    const policy = slidingWindow({ limit: 2, window: '1m' })
    const { limiter } = setUp({ a: policy, b: policy, c: policy })
    const limit = { b: Number.POSITIVE_INFINITY }
    const { policies } = await limiter.explain({ a: null, b: 'k', c: 'k' }, { limit })
    expect(policies).toMatchObject({
      a: { counted: false, reason: 'key', text: 'not counted: its key is null' },
      b: { counted: false, reason: 'limit', key: 'k', text: 'not counted: its limit is Infinity' },
      c: { counted: true },
    })
    const none: Explanation = await limiter.explain('k', { limit: Number.POSITIVE_INFINITY })
    expect(none).toMatchObject({
      allowed: true,
      code: 'OK',
      policy: null,
      retryAfterMs: 0,
      text: 'No policy counts it, so nothing refuses.',
    })
    expect(Object.values(none.policies).map(({ counted }) => counted)).toEqual([false, false, false])
  })

  it('rejects what peek rejects', async () => {
    const { limiter } = setUp({ policy: slidingWindow({ limit: 2, window: '1m' }) })
    await expect(limiter.explain('')).rejects.toMatchObject({ code: 'KEY_INVALID' })
    await expect(limiter.explain('k', { cost: -1 })).rejects.toMatchObject({ code: 'COST_INVALID' })
  })

  it('says so when the store does not answer', async () => {
    const store = scriptedStore()
    store.does = failure
    const policies = { policy: slidingWindow({ limit: 2, window: '1m' }) }
    const away = {
      counted: false,
      reason: 'store',
      key: 'k',
      text: 'not counted: the store does not answer',
    }
    const limiterBy = (fallback: 'allow' | 'deny') =>
      createLimiter({ name: fallback, store, policies, fallback, onError() {} })
    expect(await limiterBy('deny').explain('k')).toMatchObject({
      allowed: false,
      code: 'LIMITER_UNAVAILABLE',
      policy: null,
      source: 'fallback',
      text: 'The store does not answer, so nothing is admitted.',
      policies: { policy: away },
    })
    const lenient = limiterBy('allow')
    expect(await lenient.explain('k')).toMatchObject({
      allowed: true,
      policy: null,
      source: 'fallback',
      text: 'The store does not answer, so nobody counts.',
      policies: { policy: away },
    })
    // What no store is needed for it refuses all the same.
    expect(await lenient.explain('k', { limit: 0 })).toMatchObject({
      allowed: false,
      policy: 'policy',
      source: 'fallback',
      text: '"policy" refuses: the limit is 0, which admits nothing.',
      policies: { policy: { counted: true, allowed: false } },
    })
  })
})
