import { concurrency } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { type Harness, itUnless, type Middleware } from './harness.js'
import { deferred, serve, slow, underClock } from './site.js'

/** Clients that leave: their slots are free as soon as the work is done, or their lease has passed. */
export function leaving<R>(harness: Harness<R>): void {
  const held = async ({ limiter }: Middleware<R>) =>
    (await limiter.peek('127.0.0.1', { cost: 0 })).policies['slots']?.used
  const one = { policies: { slots: concurrency({ limit: 1, lease: '9s' }) } } as const
  const never = () => new Promise<never>(() => {})

  describe('a slot whose client leaves', () => {
    it('is free at once where the answer was on its way', async () => {
      const { limits } = underClock(harness)
      const limit = limits(one)
      async function* body() {
        yield 'first'
        await never()
      }
      const handler = () => ({ body: body() })
      const site = await serve(harness, { use: [limit], routes: [{ path: '/pieces', handler }] })
      const connection = await site.write({ path: '/pieces' })
      while (!(await connection.next()).includes('first'));
      await connection.abort()
      await site.idle()
      expect(await held(limit)).toBe(0)
    })

    itUnless(harness.exempt.downstream)('is held as long as the handler works', async () => {
      const { limits } = underClock(harness)
      const limit = limits(one)
      const { began, end, handler } = slow()
      const site = await serve(harness, { use: [limit], routes: [{ path: '/slow', handler }] })
      const connection = await site.write({ path: '/slow' })
      await began.promise
      await connection.abort()
      await site.turn()
      expect(await held(limit)).toBe(1)
      end.resolve()
      await site.idle()
      await site.turn()
      expect(await held(limit)).toBe(0)
    })

    it('is held no longer than its last lease where the handler never answers', async () => {
      const { limits, clock } = underClock(harness)
      const limit = limits(one)
      const began = deferred()
      const handler = () => {
        began.resolve()
        return never()
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/never', handler }] })
      const connection = await site.write({ path: '/never' })
      await began.promise
      await connection.abort()
      await site.idle()
      clock.advance(9000)
      expect(await held(limit)).toBe(0)
      expect((await site.get()).status).toBe(200)
    })

    it('is free at once where that happens before the decision', async () => {
      const { limits } = underClock(harness)
      const [asked, answer, decided] = [deferred(), deferred(), deferred()]
      async function key() {
        asked.resolve()
        await answer.promise
        return '127.0.0.1'
      }
      let served = 0
      const limit = limits({ ...one, key, onDecision: () => decided.resolve() })
      const handler = () => ({ body: `${++served}` })
      const site = await serve(harness, { use: [limit], routes: [{ path: '/served', handler }] })
      const connection = await site.write({ path: '/served' })
      await asked.promise
      await connection.abort()
      answer.resolve()
      await decided.promise
      await site.turn()
      expect([served, await held(limit)]).toEqual([0, 0])
    })

    it('while it waits for one leaves the line, and no error', async () => {
      const { limits } = underClock(harness)
      const queue = { queue: 2, maxWait: '10m' } as const
      let come = 0
      function key() {
        come++
        return '127.0.0.1'
      }
      const limit = limits({ policies: { slots: concurrency({ limit: 1, lease: '9s', ...queue }) }, key })
      const { began, end, handler } = slow()
      const errors: unknown[] = []
      let served = 0
      const site = await serve(harness, {
        use: [limit],
        routes: [
          { path: '/slow', handler },
          { path: '/served', handler: () => ({ body: `${++served}` }) },
        ],
        onError: (error) => errors.push(error),
      })
      const first = site.get('/slow')
      await began.promise
      const leaving = [await site.write({ path: '/served' }), await site.write({ path: '/served' })]
      while (come < 3) await site.turn()
      expect((await site.get()).status).toBe(429)
      await Promise.all(leaving.map((connection) => connection.abort()))
      await site.turn()
      const next = site.get('/served')
      end.resolve()
      expect([(await first).text, (await next).text]).toEqual(['ok', '1'])
      await site.idle()
      expect([served, errors, await held(limit)]).toEqual([1, [], 0])
    })
  })
}
