import { slidingWindow, tokenBucket } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { admitted, LIMIT, on, POLICIES } from './bench.js'
import type { StoreHarness } from './harness.js'

const TIMES = 50

/** Decisions that are started together are made one after the other. */
export function concurrency(harness: StoreHarness): void {
  const policies = Object.entries(POLICIES)

  describe('many at once', () => {
    it.each(policies)('never exceed the limit: %s', async (_name, policy) => {
      const { limiter } = on(await harness.create(), { policy: policy() })
      const keys = Array.from({ length: 3 * TIMES }, (_, i) => `k${i % 3}`)
      const decisions = await Promise.all(keys.map((key) => limiter.consume(key)))
      expect(admitted(decisions)).toBe(3 * LIMIT)
      expect(decisions.slice(0, 3).every(({ allowed }) => allowed)).toBe(true)
    })

    it('never exceed the limit through two limiters of one name', async () => {
      const store = await harness.create()
      const policies = { policy: slidingWindow({ limit: LIMIT, window: '1m' }) }
      const [one, other] = [on(store, policies).limiter, on(store, policies).limiter]
      const both = Array.from({ length: TIMES }, (_, i) => (i % 2 ? one : other).consume('k'))
      expect(admitted(await Promise.all(both))).toBe(LIMIT)
    })

    it('give back what each of them reserved', async () => {
      const { limiter } = on(await harness.create(), { policy: tokenBucket({ limit: LIMIT, window: '1m' }) })
      const held = await Promise.all(Array.from({ length: TIMES }, () => limiter.reserve('k')))
      expect(admitted(held.map(({ decision }) => decision))).toBe(LIMIT)
      await Promise.all(held.flatMap((reservation) => [reservation.cancel(), reservation.cancel()]))
      expect((await limiter.consume('k', { cost: LIMIT })).allowed).toBe(true)
    })
  })
}
