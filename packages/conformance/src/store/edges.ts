import { fixedWindow, quota, slidingCounter, slidingWindow, tokenBucket } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { LIMIT, MINUTE, POLICIES, sameAsMemory } from './bench.js'
import type { StoreHarness } from './harness.js'

const MOST = 2 ** 52

/** The least and the most that can be asked. */
export function edges(harness: StoreHarness): void {
  describe.each(Object.entries(POLICIES))('the edges of a cost: %s', (name, policy) => {
    it('0 is admitted and charges nothing, used up or not', async () => {
      await sameAsMemory(harness, { policy: policy() }, async ({ limiter }) => {
        expect(await limiter.consume('k', { cost: 0 })).toMatchObject({ allowed: true, used: 0 })
        await limiter.consume('k', { cost: LIMIT })
        expect(await limiter.consume('k', { cost: 0 })).toMatchObject({ allowed: true, used: LIMIT })
      })
    })

    it('the limit fits, and one more never does', async () => {
      await sameAsMemory(harness, { policy: policy() }, async ({ limiter }) => {
        const never = { allowed: false, code: 'COST_EXCEEDS_LIMIT', retryAfterMs: null }
        expect(await limiter.consume('k', { cost: LIMIT + 1 })).toMatchObject({ ...never, used: 0 })
        expect(await limiter.consume('k', { cost: LIMIT })).toMatchObject({ allowed: true, remaining: 0 })
        expect(await limiter.consume('k', { cost: LIMIT + 1 })).toMatchObject({ ...never, used: LIMIT })
        expect(await limiter.consume('k', { cost: MOST })).toMatchObject({ ...never, used: LIMIT })
      })
    })

    it('a peek answers what a consume would, and charges nothing', async () => {
      await sameAsMemory(harness, { policy: policy() }, async ({ limiter }) => {
        for (let i = 0; i < LIMIT + 2; i++) {
          const peeked = await limiter.peek('k')
          expect(await limiter.peek('k')).toEqual(peeked)
          expect(await limiter.consume('k')).toEqual(peeked)
        }
      })
    })

    it("a caller's own limit holds for that call", async () => {
      await sameAsMemory(harness, { policy: policy() }, async (bench) => {
        const { limiter } = bench
        expect((await limiter.consume('k', { limit: 0 })).retryAfterMs).toBeNull()
        await limiter.consume('k', { cost: LIMIT })
        // What a leaky bucket holds is its queue; the limit is only its rate.
        const holdsMore = name !== 'leakyBucket'
        expect((await limiter.consume('k', { limit: 3 * LIMIT })).allowed).toBe(holdsMore)
        expect((await limiter.consume('k')).allowed).toBe(false)
        bench.now += 10 * MINUTE
        await limiter.consume('k')
      })
    })
  })

  describe('2^52', () => {
    const policies = {
      tokenBucket: tokenBucket({ limit: Math.floor(MOST / 1000), window: '1s' }),
      slidingWindow: slidingWindow({ limit: MOST, window: '1d' }),
      slidingCounter: slidingCounter({ limit: Math.floor(MOST / 1000), window: '1s' }),
      fixedWindow: fixedWindow({ limit: MOST, window: '1d' }),
      quota: quota({ limit: MOST, period: 'month' }),
    }

    it.each(Object.entries(policies))('is counted to the last unit: %s', async (_name, policy) => {
      const limit = policy.limit as number
      await sameAsMemory(harness, { policy }, async ({ limiter }) => {
        expect((await limiter.consume('k', { cost: limit - 1 })).remaining).toBe(1)
        expect((await limiter.consume('k', { cost: 2 })).allowed).toBe(false)
        expect((await limiter.consume('k')).remaining).toBe(0)
        expect(await limiter.consume('k')).toMatchObject({ allowed: false, used: limit })
      })
    })
  })
}
