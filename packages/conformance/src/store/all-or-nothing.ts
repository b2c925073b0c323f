import { fixedWindow, leakyBucket, slidingWindow, tokenBucket } from '@spillway/core'
import { describe, expect } from 'vitest'
import { on, sameAsMemory } from './bench.js'
import { itUnless, type StoreHarness } from './harness.js'

/** A request under several policies is one decision: all of them are charged, or none. */
export function allOrNothing(harness: StoreHarness): void {
  const reason = harness.exempt?.['all or nothing']
  const together = reason ?? harness.exempt?.['several keys as one']
  const few = slidingWindow({ limit: 2, window: '1m' })
  const many = tokenBucket({ limit: 9, window: '1m' })

  describe('several policies', () => {
    itUnless(reason, 'are not charged when the last one refuses, nor when the first one does', async () => {
      for (const policies of [
        { many, few },
        { few, many },
      ]) {
        await sameAsMemory(harness, policies, async ({ limiter }) => {
          for (let i = 0; i < 2; i++) expect((await limiter.consume('k')).allowed).toBe(true)
          for (let i = 0; i < 3; i++) {
            const { allowed, policy, policies } = await limiter.consume('k')
            expect([allowed, policy, policies.many.used, policies.few.used]).toEqual([false, 'few', 2, 2])
          }
          expect((await limiter.consume({ many: 'k', few: 'other' })).policies.many.used).toBe(3)
        })
      }
    })

    itUnless(reason, 'refuse for as long as the longest wait', async () => {
      const policies = { short: tokenBucket({ limit: 2, window: '10s' }), long: few }
      await sameAsMemory(harness, policies, async (bench) => {
        const { limiter } = bench
        await limiter.consume('k', { cost: 2 })
        const { policy, retryAfterMs } = await limiter.consume('k')
        expect([policy, retryAfterMs]).toEqual(['long', 60_000])
        bench.now += 59_999
        expect((await limiter.consume('k')).allowed).toBe(false)
        bench.now += 1
        expect((await limiter.consume('k')).allowed).toBe(true)
      })
    })

    itUnless(reason, 'are charged alone under chargeRefused, or not at all in the shadow', async () => {
      const policies = {
        counts: fixedWindow({ limit: 9, window: '1m', chargeRefused: true }),
        watches: leakyBucket({ limit: 1, window: '1m', queue: 0, shadow: true }),
        few,
      }
      await sameAsMemory(harness, policies, async ({ limiter }) => {
        const seen = []
        for (let i = 0; i < 4; i++) {
          const { allowed, policies } = await limiter.consume('k')
          seen.push([allowed, policies.counts.used, policies.watches.used, policies.few.used])
        }
        expect(seen).toEqual([
          [true, 1, 1, 1],
          [true, 2, 1, 2],
          [false, 3, 1, 2],
          [false, 4, 1, 2],
        ])
      })
    })

    itUnless(together, 'stay together when many ask at once', async () => {
      const { limiter } = on(await harness.create(), { many, few })
      const keys = Array.from({ length: 24 }, (_, i) => ({ many: 'k', few: `k${i % 3}` }))
      const decisions = await Promise.all(keys.map((key) => limiter.consume(key)))
      const { policies } = await limiter.peek({ many: 'k', few: 'k0' }, { cost: 0 })
      expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(6)
      expect([policies.many.used, policies.few.used]).toEqual([6, 2])
    })
  })
}
