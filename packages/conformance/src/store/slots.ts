import { concurrency, type Mode, slidingWindow } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { admitted, LIMIT, NOW, on, SECOND, sameAsMemory } from './bench.js'
import type { StoreHarness } from './harness.js'

const LEASE = 10 * SECOND

/** A slot is held from its reservation until it is released, or until its lease has passed. */
export function slots(harness: StoreHarness): void {
  const policy = concurrency({ limit: LIMIT, lease: LEASE })

  describe('a slot', () => {
    it('is free when its lease has passed, and not before', async () => {
      await sameAsMemory(harness, { policy }, async (bench) => {
        const { limiter } = bench
        await limiter.reserve('k')
        bench.now += 1
        await limiter.reserve('k', { cost: LIMIT - 1 })
        bench.now += LEASE - 2
        const { decision } = await limiter.reserve('k')
        expect(decision).toMatchObject({
          allowed: false,
          code: 'CONCURRENCY_LIMIT_EXCEEDED',
          retryAfterMs: 1,
        })
        bench.now += 1
        expect((await limiter.reserve('k')).decision).toMatchObject({ allowed: true, used: LIMIT })
        bench.now += 1
        expect((await limiter.peek('k', { cost: 0 })).used).toBe(1)
      })
    })

    it('is held from its renewal on; where that comes too late it says so, and takes nothing', async () => {
      await sameAsMemory(harness, { policy }, async (bench) => {
        const { limiter } = bench
        const [held, late] = [await limiter.reserve('k'), await limiter.reserve('k', { cost: 2 })]
        bench.now += LEASE - 1
        expect(await held.renew()).toBe(true)
        bench.now += 1
        expect(await late.renew()).toBe(false)
        expect(await limiter.peek('k', { cost: 0 })).toMatchObject({ used: 1, resetMs: LEASE - 1 })
        bench.now += LEASE - 2
        expect(await held.renew()).toBe(true)
        bench.now += LEASE
        expect(await held.renew()).toBe(false)
        expect((await limiter.peek('k', { cost: 0 })).used).toBe(0)
      })
    })

    it('is released once, and no other with it', async () => {
      await sameAsMemory(harness, { policy }, async ({ limiter }) => {
        const [one, other] = [await limiter.reserve('k'), await limiter.reserve('k', { cost: 3 })]
        const used = async () => (await limiter.peek('k', { cost: 0 })).used
        expect([await one.cancel(), await one.cancel(), await one.settle()]).toEqual([true, false, false])
        expect(await used()).toBe(3)
        expect(await other.settle()).toBe(true)
        expect(await used()).toBe(0)
        expect(await other.renew()).toBe(false)
        expect((await limiter.reserve('k', { cost: LIMIT })).decision.remaining).toBe(0)
      })
    })

    it('is lost after a reset: nothing is left to renew or to release', async () => {
      await sameAsMemory(harness, { policy }, async ({ limiter }) => {
        const held = await limiter.reserve('k', { cost: LIMIT })
        await limiter.reset('k')
        expect((await limiter.reserve('k', { cost: 3 })).decision.allowed).toBe(true)
        expect(await held.renew()).toBe(false)
        await held.cancel()
        expect((await limiter.peek('k', { cost: 0 })).used).toBe(3)
      })
    })

    it('is taken together with what other policies charge, or not at all', async () => {
      const policies = { slots: policy, window: slidingWindow({ limit: LIMIT + 1, window: '1m' }) }
      await sameAsMemory(harness, policies, async ({ limiter }) => {
        const used = async () => {
          const { policies } = await limiter.peek('k', { cost: 0 })
          return [policies.slots.used, policies.window.used]
        }
        const held = []
        for (let i = 0; i < LIMIT; i++) held.push(await limiter.reserve('k'))
        expect((await limiter.reserve('k')).decision).toMatchObject({ allowed: false, policy: 'slots' })
        expect(await used()).toEqual([LIMIT, LIMIT])
        // Work that has failed is free; that which is done is not.
        await held[0]?.cancel()
        await held[1]?.settle()
        expect(await used()).toEqual([LIMIT - 2, LIMIT - 1])
        await limiter.reserve('k', { cost: { window: 2 } })
        expect((await limiter.reserve('k')).decision).toMatchObject({ allowed: false, policy: 'window' })
        expect(await used()).toEqual([LIMIT - 1, LIMIT + 1])
      })
    })

    it('is renewed and released by itself, under each of several policies', async () => {
      const policies = { short: concurrency({ limit: LIMIT, lease: 2 * SECOND }), long: policy }
      await sameAsMemory(harness, policies, async (bench) => {
        const { limiter } = bench
        const used = async () => {
          const { policies } = await limiter.peek('k', { cost: 0 })
          return [policies.short.used, policies.long.used]
        }
        const held = await limiter.reserve('k', { cost: { long: 2 } })
        bench.now += LEASE - 1
        // The one is lost. The other holds from now on.
        expect(await held.renew()).toBe(false)
        bench.now += LEASE - 1
        expect(await used()).toEqual([0, 2])
        expect(await held.settle()).toBe(true)
        expect(await used()).toEqual([0, 0])
      })
    })

    it('is found by its id, whatever other numbers look like', async () => {
      const apply = (await harness.create()).prepare({
        name: 'contract',
        policies: [{ ...policy, name: 'slots' }],
      })
      const ask = async (mode: Mode, id: number, cost = 1) => {
        const op = { policy: 0, key: 'k', cost, limit: LIMIT, fits: true, id }
        const { passed, results } = await apply([op], mode, NOW)
        return [passed, results[0]?.reply[0]]
      }
      for (const [id, units] of [
        [71, 2],
        [17, 1],
        [7, 1],
      ]) {
        await ask('consume', id as number, units)
      }
      for (const id of [1, 2, NOW + LEASE, 2 ** 52]) {
        expect(await ask('renew', id)).toEqual([false, LIMIT])
        expect(await ask('release', id)).toEqual([false, LIMIT])
      }
      expect([await ask('release', 7), await ask('release', 7)]).toEqual([
        [true, 3],
        [false, 3],
      ])
      expect(await ask('release', 71)).toEqual([true, 1])
      expect([await ask('renew', 17), await ask('release', 17)]).toEqual([
        [true, 1],
        [true, 0],
      ])
    })

    it('is one of no more than the limit, however many ask at once, and all come back', async () => {
      const { limiter } = on(await harness.create(), { policy })
      for (let round = 0; round < 3; round++) {
        const held = await Promise.all(Array.from({ length: 40 }, () => limiter.reserve('k')))
        expect(admitted(held.map(({ decision }) => decision))).toBe(LIMIT)
        expect((await limiter.peek('k', { cost: 0 })).used).toBe(LIMIT)
        await Promise.all(held.flatMap((one) => [one.renew(), one.settle(), one.cancel()]))
        expect((await limiter.peek('k', { cost: 0 })).used).toBe(0)
      }
    })
  })
}
