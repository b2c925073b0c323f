import { slidingWindow, tokenBucket } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { LIMIT, MINUTE, POLICIES, sameAsMemory } from './bench.js'
import type { StoreHarness } from './harness.js'

/** What changes a charge afterwards: settling a reservation, and reset. */
export function changes(harness: StoreHarness): void {
  const policies = Object.entries(POLICIES)

  describe.each(policies)('a reservation: %s', (name, policy) => {
    const refundable = name !== 'leakyBucket'

    it('is settled once, or cancelled once', async () => {
      await sameAsMemory(harness, { policy: policy() }, async ({ limiter }) => {
        const used = async () => (await limiter.peek('k', { cost: 0 })).used
        const held = await limiter.reserve('k', { cost: 3 })
        expect([await held.settle(1), await held.settle(0), await held.cancel()]).toEqual([
          true,
          false,
          false,
        ])
        expect(await used()).toBe(refundable ? 1 : 3)
        const next = await limiter.reserve('k')
        expect([await next.cancel(), await next.cancel(), await next.settle(3)]).toEqual([true, false, false])
        expect(await used()).toBe(refundable ? 1 : 4)
      })
    })

    it('settled for more may go beyond the limit, and then refuses even 0', async () => {
      await sameAsMemory(harness, { policy: policy() }, async (bench) => {
        const { limiter } = bench
        const held = await limiter.reserve('k')
        expect(await held.settle(LIMIT + 2)).toBe(true)
        const { allowed, used, remaining, retryAfterMs } = await limiter.consume('k', { cost: 0 })
        expect([allowed, used, remaining]).toEqual([false, LIMIT + 2, 0])
        bench.now += retryAfterMs as number
        expect((await limiter.consume('k', { cost: 0 })).allowed).toBe(true)
      })
    })

    it('gives back no more than there is', async () => {
      await sameAsMemory(harness, { policy: policy() }, async ({ limiter }) => {
        const held = await limiter.reserve('k', { cost: 3 })
        await limiter.reset('k')
        await limiter.consume('k')
        expect(await held.cancel()).toBe(true)
        const used = refundable ? 0 : 1
        expect((await limiter.peek('k', { cost: 0 })).used).toBe(used)
        expect((await limiter.consume('k', { cost: LIMIT - used })).remaining).toBe(0)
        expect((await limiter.consume('k')).allowed).toBe(false)
      })
    })

    it('gives nothing back once its charge counts no more, nor on a key that is gone', async () => {
      await sameAsMemory(harness, { policy: policy() }, async (bench) => {
        const { limiter } = bench
        const late = await limiter.reserve('k', { cost: LIMIT })
        bench.now += 120 * MINUTE
        await limiter.consume('k', { cost: 2 })
        await late.cancel()
        expect((await limiter.peek('k', { cost: 0 })).used).toBe(2)
        const gone = await limiter.reserve('gone', { cost: LIMIT })
        await limiter.reset('gone')
        await gone.cancel()
        expect((await limiter.consume('gone', { cost: LIMIT })).remaining).toBe(0)
      })
    })
  })

  describe('several policies', () => {
    it('are settled together, each for its own cost', async () => {
      const policies = {
        requests: slidingWindow({ limit: 9, window: '1m' }),
        tokens: tokenBucket({ limit: 900, window: '1m' }),
      }
      await sameAsMemory(harness, policies, async ({ limiter }) => {
        const held = await limiter.reserve('k', { cost: { tokens: 800 } })
        await held.settle({ tokens: 640 })
        const { policies } = await limiter.peek('k', { cost: 0 })
        expect([policies.requests.used, policies.tokens.used]).toEqual([1, 640])
      })
    })
  })

  describe('reset', () => {
    it.each(policies)('forgets this key, and no other: %s', async (_name, policy) => {
      await sameAsMemory(harness, { one: policy(), other: policy() }, async ({ limiter }) => {
        await limiter.consume('k', { cost: LIMIT })
        await limiter.consume('else', { cost: LIMIT })
        await limiter.reset({ one: 'k' })
        await limiter.reset('never seen')
        const { policies } = await limiter.peek('k')
        expect([policies.one.used, policies.other.used]).toEqual([0, LIMIT])
        await limiter.reset('k')
        expect((await limiter.consume('k', { cost: LIMIT })).allowed).toBe(true)
        expect((await limiter.consume('else')).allowed).toBe(false)
      })
    })
  })
}
