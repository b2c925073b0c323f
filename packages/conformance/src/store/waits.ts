import { type Policy, spikeArrest } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { POLICIES, sameAsMemory } from './bench.js'
import type { StoreHarness } from './harness.js'

/** After `retryAfterMs` the same request is admitted; one millisecond earlier it is not. */
export function waits(harness: StoreHarness): void {
  const policies: [string, Policy][] = Object.entries(POLICIES).map(([name, policy]) => [name, policy()])
  policies.push(['spikeArrest', spikeArrest('7pm')])

  describe('the wait is exact', () => {
    it.each(policies)('%s', async (_name, policy) => {
      await sameAsMemory(harness, { policy }, async (bench) => {
        const { limiter } = bench
        let refusals = 0
        for (let i = 0; i < 40; i++) {
          bench.now += (i * 7919) % 9973
          const cost = policy.limit === 1 ? 1 : 1 + (i % 3)
          const { allowed, retryAfterMs } = await limiter.consume('k', { cost })
          if (allowed) continue
          refusals++
          bench.now += (retryAfterMs as number) - 1
          expect((await limiter.consume('k', { cost })).retryAfterMs).toBe(1)
          bench.now += 1
          expect((await limiter.consume('k', { cost })).allowed).toBe(true)
        }
        expect(refusals).toBeGreaterThan(3)
      })
    })
  })
}
