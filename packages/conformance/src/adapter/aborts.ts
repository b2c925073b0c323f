import { type Apply, memoryStore, type Store } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import type { Harness, Middleware } from './harness.js'
import { deferred, serve, underClock } from './site.js'

/** Clients that leave: nothing breaks, nothing hangs, and their charge stays. */
export function aborts<R>(harness: Harness<R>): void {
  const used = async ({ limiter }: Middleware<R>) => (await limiter.peek('127.0.0.1', { cost: 0 })).used
  const refunds = ['failed', 'successful'] as const

  describe('a client that leaves', () => {
    it.each([undefined, ...refunds])(
      'before the decision is not served, and keeps its charge: refund %s',
      async (refund) => {
        const { limits } = underClock(harness)
        const [asked, answer] = [deferred(), deferred()]
        async function key() {
          asked.resolve()
          await answer.promise
          return '127.0.0.1'
        }
        let served = 0
        const limit = limits({ limit: 9, window: '1m', key, ...(refund && { refund }) })
        const handler = () => ({ body: `${++served}` })
        const site = await serve(harness, { use: [limit], routes: [{ path: '/served', handler }] })
        const connection = await site.write({ path: '/served' })
        await asked.promise
        await connection.abort()
        answer.resolve()
        await site.idle()
        expect(await used(limit)).toBe(1)
        expect(served).toBe(0)
      },
    )

    it('before its address is asked for is no error', async () => {
      const { limits } = underClock(harness)
      const [asked, answer] = [deferred(), deferred()]
      async function nobody() {
        asked.resolve()
        await answer.promise
        return undefined
      }
      const { byIp, firstOf } = harness.extractors
      const limit = limits({ limit: 9, window: '1m', key: firstOf(nobody, byIp()) })
      const errors: unknown[] = []
      const site = await serve(harness, { use: [limit], onError: (error) => errors.push(error) })
      const connection = await site.write({ path: '/' })
      await asked.promise
      await connection.abort()
      answer.resolve()
      await site.idle()
      expect(errors).toEqual([])
      expect((await limit.limiter.peek('1:127.0.0.1', { cost: 0 })).used).toBe(1)
    })

    it.each([undefined, ...refunds])(
      'during the decision is not served, and keeps its charge: refund %s',
      async (refund) => {
        const [asked, answer] = [deferred(), deferred()]
        const memory = memoryStore()
        const store: Store = {
          sync: false,
          prepare(plan): Apply {
            const apply = memory.prepare(plan)
            return async (ops, mode, now) => {
              asked.resolve()
              await answer.promise
              return apply(ops, mode, now)
            }
          },
        }
        const { limits } = underClock(harness, { store })
        let served = 0
        const limit = limits({ limit: 9, window: '1m', name: 'slow', ...(refund && { refund }) })
        const handler = () => ({ body: `${++served}` })
        const site = await serve(harness, { use: [limit], routes: [{ path: '/served', handler }] })
        const connection = await site.write({ path: '/served' })
        await asked.promise
        await connection.abort()
        answer.resolve()
        await site.idle()
        expect(await used(limit)).toBe(1)
        expect(served).toBe(0)
      },
    )

    it.each([200, 500])(
      'while the handler works keeps its charge, though that ends with %i',
      async (status) => {
        for (const refund of refunds) {
          const { limits } = underClock(harness)
          const limit = limits({ limit: 9, window: '1m', refund })
          const [began, end, ended] = [deferred(), deferred(), deferred()]
          async function handler() {
            began.resolve()
            await end.promise
            queueMicrotask(ended.resolve)
            return { status, body: 'late' }
          }
          const site = await serve(harness, { use: [limit], routes: [{ path: '/slow', handler }] })
          const connection = await site.write({ path: '/slow' })
          await began.promise
          await connection.abort()
          end.resolve()
          await ended.promise
          await site.idle()
          expect(await used(limit)).toBe(1)
          expect((await site.get()).status).toBe(200)
        }
      },
    )

    it('tells a refund function so, which may give back', async () => {
      const { limits } = underClock(harness)
      const ends: unknown[] = []
      const refund = (end: { aborted: boolean }) => {
        ends.push(end)
        return end.aborted
      }
      const limit = limits({ limit: 9, window: '1m', refund })
      const [began, end] = [deferred(), deferred()]
      async function handler() {
        began.resolve()
        await end.promise
        return { body: 'late' }
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/slow', handler }] })
      const connection = await site.write({ path: '/slow' })
      await began.promise
      await connection.abort()
      end.resolve()
      await site.idle()
      expect(ends).toEqual([{ status: undefined, aborted: true, refused: false }])
      expect(await used(limit)).toBe(0)
    })

    it.each([200, 500])(
      'in the middle of a stream keeps its charge, though its status was %i',
      async (status) => {
        for (const refund of [...refunds, 'a function'] as const) {
          const { limits } = underClock(harness)
          const ends: unknown[] = []
          const tell = (end: unknown) => ends.push(end) < 0
          const limit = limits({ limit: 9, window: '1m', refund: refund === 'a function' ? tell : refund })
          const more = deferred()
          async function* body() {
            yield 'first'
            await more.promise
            yield 'second'
          }
          const handler = () => ({ status, body: body() })
          const site = await serve(harness, { use: [limit], routes: [{ path: '/pieces', handler }] })
          const connection = await site.write({ path: '/pieces' })
          while (!(await connection.next()).includes('first'));
          await connection.abort()
          await site.idle()
          more.resolve()
          expect(await used(limit)).toBe(1)
          if (refund === 'a function') expect(ends).toEqual([{ status, aborted: true, refused: false }])
        }
      },
    )

    it('is settled once when nobody ever answers', async () => {
      const { limits } = underClock(harness)
      const ends: unknown[] = []
      const limit = limits({ limit: 9, window: '1m', refund: (end) => ends.push(end) > 0 })
      const began = deferred()
      function handler() {
        began.resolve()
        return new Promise<never>(() => {})
      }
      const site = await serve(harness, { use: [limit, limit], routes: [{ path: '/never', handler }] })
      const connection = await site.write({ path: '/never' })
      await began.promise
      await connection.abort()
      await site.idle()
      expect(ends).toEqual([{ status: undefined, aborted: true, refused: false }])
      expect(await used(limit)).toBe(0)
    })

    it('is refused as ever, and breaks nothing', async () => {
      const { limits } = underClock(harness)
      const site = await serve(harness, { use: [limits({ limit: 1, window: '1m', refund: 'failed' })] })
      await site.get()
      const connections = await Promise.all(Array.from({ length: 8 }, () => site.write({ path: '/' })))
      await Promise.all(connections.map((connection) => connection.abort()))
      await site.idle()
      expect((await site.get()).status).toBe(429)
    })
  })
}
