import { concurrency, type Op, quota, SETTLED_MS, slidingWindow, tokenBucket } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { askedAlike } from './asked.js'
import { HOUR, LIMIT, NOW, POLICIES, sameAsMemory } from './bench.js'
import type { StoreHarness } from './harness.js'

/** An adjustment that may not have been heard is sent again, and made once; and what is metered is charged as it is produced. */
export function settling(harness: StoreHarness): void {
  describe.each(Object.entries(POLICIES))('an adjustment with an id: %s', (name, policy) => {
    it('is made once, however often it is sent, for a minute at least', async () => {
      await askedAlike(harness, policy(), async ({ ask, used }) => {
        const mark = await ask(2, 'consume')
        await ask(1, 'adjust', { mark, id: 1 })
        const charged = await used()
        expect(charged).toBe(3)
        for (const later of [0, 1, SETTLED_MS - 1]) {
          await ask(1, 'adjust', { mark, id: 1 }, later)
          expect(await used()).toBe(charged)
        }
        await ask(1, 'adjust', { mark, id: 2 })
        expect(await used()).toBe(charged + 1)
      })
    })

    it('is made once where it is sent twice at once', async () => {
      await askedAlike(harness, policy(), async ({ ask, used }) => {
        const mark = await ask(4, 'consume')
        await Promise.all([5, 5, 6, 5].map((id) => ask(-1, 'adjust', { mark, id })))
        const twice = await used()
        await ask(-1, 'adjust', { mark, id: 5 })
        await ask(-1, 'adjust', { mark, id: 6 })
        expect(await used()).toBe(twice)
        expect(twice).toBe(name === 'leakyBucket' ? 4 : 2)
      })
    })
  })

  describe('an adjustment', () => {
    it('without an id is made as often as it is sent', async () => {
      await askedAlike(harness, tokenBucket({ limit: LIMIT, window: '1m' }), async ({ ask, used }) => {
        for (let i = 0; i < 3; i++) await ask(1, 'adjust', { mark: 0 })
        expect(await used()).toBe(3)
      })
    })

    it('that could not be made outside its calendar edges is made when it comes again', async () => {
      await askedAlike(harness, quota({ limit: LIMIT, period: 'hour' }), async ({ ask, used }) => {
        const mark = await ask(1, 'consume')
        const edges = [1, 2, 3, 4].map((hours) => NOW + hours * HOUR) as unknown as Op['edges']
        await ask(2, 'adjust', { mark, id: 3, edges })
        expect(await used()).toBe(1)
        await ask(2, 'adjust', { mark, id: 3 })
        await ask(2, 'adjust', { mark, id: 3 })
        expect(await used()).toBe(3)
      })
    })

    it("is made once by the store's own clock too", async () => {
      const policy = { ...tokenBucket({ limit: 9, window: '1d' }), name: 'policy' }
      const apply = (await harness.create()).prepare({ name: 'contract', policies: [policy] })
      const op = { policy: 0, key: 'k', cost: 2, limit: 9, fits: true, mark: 0, id: 2 ** 52 }
      for (let i = 0; i < 3; i++) await apply([op], 'adjust')
      const { results } = await apply([{ ...op, cost: 8 }], 'consume')
      expect(results).toMatchObject([{ passed: false }])
      expect((await apply([{ ...op, cost: 7 }], 'consume')).passed).toBe(true)
    })
  })

  describe('a reservation that is metered', () => {
    it('is charged beyond its estimate as it produces, and stopped at the limit', async () => {
      const policies = {
        slots: concurrency({ limit: 2, lease: '1m' }),
        requests: slidingWindow({ limit: 9, window: '1m' }),
        tokens: tokenBucket({ limit: 10, window: '1m' }),
      }
      await sameAsMemory(harness, policies, async ({ limiter }) => {
        const used = async () => {
          const { policies } = await limiter.peek('k', { cost: 0 })
          return [policies.slots.used, policies.requests.used, policies.tokens.used]
        }
        const held = await limiter.reserve('k', { cost: { tokens: 4 } })
        for (const left of [true, true, true, false]) expect(await held.meter({ tokens: 3 })).toBe(left)
        expect(await used()).toEqual([1, 1, 9])
        expect(await held.meter({ tokens: 3 }, { atLimit: 'finish' })).toBe(false)
        expect(await used()).toEqual([1, 1, 12])
        expect(await held.settle()).toBe(true)
        expect(await used()).toEqual([0, 1, 12])
      })
    })

    it('is settled by what it produced, or by what it is told', async () => {
      await sameAsMemory(harness, { policy: slidingWindow({ limit: 30, window: '1m' }) }, async (bench) => {
        const { limiter } = bench
        const [told, metered] = [await limiter.reserve('k'), await limiter.reserve('k', { cost: 9 })]
        for (let i = 0; i < 5; i++) {
          bench.now += 1000
          expect(await told.meter(3)).toBe(true)
        }
        expect(await metered.meter(2)).toBe(true)
        expect((await limiter.peek('k', { cost: 0 })).used).toBe(24)
        expect([await metered.settle(), await told.settle(4)]).toEqual([true, true])
        expect((await limiter.peek('k', { cost: 0 })).used).toBe(6)
      })
    })
  })
}
