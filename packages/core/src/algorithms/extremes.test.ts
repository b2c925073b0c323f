import { describe, expect, it } from 'vitest'
import { createLimiter } from '../limiter.js'
import type { Policy } from '../policy.js'
import { watch } from '../testing/watch.js'
import { fixedWindow } from './fixed-window/fixed-window.js'
import { leakyBucket } from './leaky-bucket/leaky-bucket.js'
import { quota } from './quota/quota.js'
import { slidingCounter } from './sliding-counter/sliding-counter.js'
import { slidingLog } from './sliding-log/sliding-log.js'
import { slidingWindow } from './sliding-window/sliding-window.js'
import { spikeArrest } from './spike-arrest/spike-arrest.js'
import { tokenBucket } from './token-bucket/token-bucket.js'

const HOUR = 3_600_000
const MOST = 2 ** 52
const START = Date.UTC(2024, 4, 1)

const all: Record<string, Policy> = {
  tokenBucket: tokenBucket({ limit: 10, window: '1h' }),
  leakyBucket: leakyBucket({ limit: 10, window: '1h', queue: 9 }),
  slidingWindow: slidingWindow({ limit: 10, window: '1h' }),
  slidingLog: slidingLog({ limit: 10, window: '1h' }),
  slidingCounter: slidingCounter({ limit: 10, window: '1h' }),
  fixedWindow: fixedWindow({ limit: 10, window: '1h' }),
  quota: quota({ limit: 10, period: 'hour' }),
}

const { leakyBucket: _shapes, ...refundable } = all

describe('at the edge of exact integers', () => {
  it.each(Object.entries(all))('a debt of %s stops at 2^52', async (_name, policy) => {
    const watched = watch(policy)
    const limiter = createLimiter({ policies: { policy: watched.policy }, clock: () => START })
    const held = [await limiter.reserve('k'), await limiter.reserve('k'), await limiter.reserve('k')]
    for (const reservation of held) await reservation.settle(MOST)
    expect(limiter.consumeSync('k')).toMatchObject({ allowed: false, remaining: 0 })
    expect(Math.max(...watched.last())).toBe(MOST)
  })

  it('a debt of slidingCounter fades by whole units, none forgiven early', async () => {
    let now = START
    const policies = { policy: slidingCounter({ limit: 10, window: '1h' }) }
    const limiter = createLimiter({ policies, clock: () => now })
    const held = await limiter.reserve('k')
    await held.settle(MOST - 1)
    for (let elapsed = 1; elapsed < HOUR; elapsed += 9_973) {
      now = START + HOUR + elapsed
      const fading = BigInt(MOST - 1) * BigInt(HOUR - elapsed)
      const whole = (fading + BigInt(HOUR - 1)) / BigInt(HOUR)
      expect(limiter.consumeSync('k').used).toBe(Number(whole))
    }
  })

  it('the largest limits are taken', () => {
    expect(() => tokenBucket({ limit: 2 ** 42, window: '1024ms', burst: 2 ** 42 })).not.toThrow()
    expect(() => leakyBucket({ limit: 1, window: '1024ms', queue: 2 ** 42 - 1 })).not.toThrow()
    expect(() => slidingCounter({ limit: 2 ** 42, window: '1024ms' })).not.toThrow()
    expect(() => slidingWindow({ limit: MOST, window: '1m', segments: 1000 })).not.toThrow()
  })

  it('the fastest rates are taken', () => {
    expect(() => tokenBucket({ limit: 4000, window: '1s', burst: 4 })).not.toThrow()
    expect(() => leakyBucket({ limit: 4000, window: '1s', queue: 3 })).not.toThrow()
    expect(() => spikeArrest('1000ps')).not.toThrow()
  })
})

it.each(Object.entries(all))('%s is drained when it is full again, not 1 ms before', (_name, policy) => {
  const { policy: watched, last } = watch(policy)
  const limiter = createLimiter({ policies: { watched }, clock: () => START + 1 })
  const { resetMs } = limiter.consumeSync('k', { cost: 3 })
  expect(policy.algorithm.drained(last(), START + resetMs)).toBe(false)
  expect(policy.algorithm.drained(last(), START + 1 + resetMs)).toBe(true)
})

it.each(Object.entries(refundable))('%s is drained when all was given back', async (_name, policy) => {
  const { policy: watched, last } = watch(policy)
  const limiter = createLimiter({ policies: { watched }, clock: () => START + 1 })
  const held = await limiter.reserve('k', { cost: 3 })
  expect(policy.algorithm.drained(last(), START + 1)).toBe(false)
  await held.cancel()
  expect(policy.algorithm.drained(last(), START + 1)).toBe(true)
})

it.each(Object.entries(all))('the last unit of %s is free when another policy refuses', (_name, policy) => {
  const policies = { policy, gate: fixedWindow({ limit: 1, window: '1h' }) }
  const limiter = createLimiter({ policies, clock: () => START })
  limiter.consumeSync('k', { cost: { policy: 9 } })
  const { allowed, policies: own } = limiter.consumeSync('k')
  expect(allowed).toBe(false)
  expect(own.policy).toMatchObject({ allowed: true, used: 9, retryAfterMs: 0 })
})

it('what a token bucket has left is free while time stands still', () => {
  let now = START
  const bucket = tokenBucket({ limit: 3, window: '1h', chargeRefused: true })
  const policies = { bucket, gate: fixedWindow({ limit: 1, window: '1h' }) }
  const limiter = createLimiter({ policies, clock: () => now })
  limiter.consumeSync('k')
  now -= 10
  const refused = limiter.consumeSync('k')
  expect(refused).toMatchObject({ allowed: false, policy: 'gate' })
  expect(refused.policies.bucket).toMatchObject({ allowed: true, used: 2, retryAfterMs: 0 })
})
