import { createLimiter, type Edges, type Mode, quota, tokenBucket } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { HOUR, LIMIT, MINUTE, NOW, POLICIES, SECOND, sameAsMemory } from './bench.js'
import type { StoreHarness } from './harness.js'

const HOUR_START = Math.floor(NOW / HOUR) * HOUR

/** Up to a minute back, time stands still for a key; beyond that its charge is carried over to the new time. */
export function clocks(harness: StoreHarness): void {
  describe.each(Object.entries(POLICIES))('a clock set back: %s', (name, policy) => {
    const window = name === 'quota' ? HOUR : MINUTE

    it.each([59 * SECOND, HOUR])('by %i ms frees nothing, and its wait is exact', async (back) => {
      await sameAsMemory(harness, { policy: policy() }, async (bench) => {
        const { limiter } = bench
        await limiter.consume('k', { cost: LIMIT })
        bench.now -= back
        const { allowed, used, retryAfterMs } = await limiter.consume('k')
        expect([allowed, used]).toEqual([false, LIMIT])
        expect(retryAfterMs).toBeLessThanOrEqual(2 * window + (back < MINUTE ? back : 0))
        bench.now += (retryAfterMs as number) - 1
        expect((await limiter.consume('k')).allowed).toBe(false)
        bench.now += 1
        expect((await limiter.consume('k')).allowed).toBe(true)
      })
    })

    it('is not believed by a peek, which writes nothing', async () => {
      await sameAsMemory(harness, { policy: policy() }, async (bench) => {
        const { limiter } = bench
        await limiter.consume('k', { cost: LIMIT })
        const before = await limiter.peek('k')
        bench.now -= HOUR
        expect((await limiter.peek('k')).allowed).toBe(false)
        bench.now += HOUR
        expect(await limiter.peek('k')).toEqual(before)
      })
    })
  })

  describe('outside the calendar edges that it was given', () => {
    const modes: readonly Mode[] = ['consume', 'peek', 'adjust', 'reset']
    const policy = { ...quota({ limit: LIMIT, period: 'hour' }), name: 'policy' }
    const edges = [-1, 0, 1, 2].map((step) => HOUR_START + step * HOUR) as unknown as Edges
    const op = { policy: 0, key: 'k', cost: 1, limit: LIMIT, fits: true, edges, mark: HOUR_START }

    it.each(modes)('%s does nothing, and says so', async (mode) => {
      const apply = (await harness.create()).prepare({ name: 'contract', policies: [policy] })
      await apply([op], 'consume', HOUR_START)
      for (const now of [edges[0] - 1, edges[3]]) {
        expect(await apply([op], mode, now)).toMatchObject({ now, passed: false, results: [] })
      }
      const { results } = await apply([{ ...op, cost: 0 }], 'peek', HOUR_START)
      expect(results).toMatchObject([{ passed: true, reply: [HOUR_START, HOUR_START + HOUR, 1] }])
    })
  })

  describe('without a clock of its own', () => {
    it('a limiter goes by the clock of the store', async () => {
      const policies = { policy: tokenBucket({ limit: 9, window: '1d' }) }
      const limiter = createLimiter({ name: 'own', policies, store: await harness.create(), deadline: '10s' })
      const [{ now }, next] = [await limiter.consume('k'), await limiter.consume('k')]
      expect(Number.isInteger(now)).toBe(true)
      expect(Math.abs(now - Date.now())).toBeLessThan(HOUR)
      expect(next.now).toBeGreaterThanOrEqual(now)
      expect(next.used).toBe(2)
    })
  })
}
