import { describe, expect, it } from 'vitest'
import type { Harness, Middleware, Options } from './harness.js'
import { deferred, serve, underClock } from './site.js'

export function refunds<R>(harness: Harness<R>): void {
  const used = async ({ limiter }: Middleware<R>) => (await limiter.peek('127.0.0.1', { cost: 0 })).used
  const paths = ['/', '/stream', '/fails', '/denies', '/throws', '/nowhere']

  /** What each path leaves charged, by itself. */
  async function charges(refund: NonNullable<Options<R>['refund']>): Promise<Record<string, number>> {
    const { limits } = underClock(harness)
    const limit = limits({ limit: 99, window: '1m', refund })
    const site = await serve(harness, { use: [limit] })
    const charged: Record<string, number> = {}
    for (const path of paths) {
      await limit.limiter.reset('127.0.0.1')
      await site.get(path)
      await site.idle()
      charged[path] = await used(limit)
    }
    return charged
  }

  describe('refund', () => {
    it("'failed' gives back what answered 400 and above", async () => {
      expect(await charges('failed')).toEqual({
        '/': 1,
        '/stream': 1,
        '/fails': 0,
        '/denies': 0,
        '/throws': 0,
        '/nowhere': 0,
      })
    })

    it("'successful' gives back what answered below 400", async () => {
      expect(await charges('successful')).toEqual({
        '/': 0,
        '/stream': 0,
        '/fails': 1,
        '/denies': 1,
        '/throws': 1,
        '/nowhere': 1,
      })
    })

    it('asks a function of yours, with the status', async () => {
      const ends: unknown[] = []
      const charged = await charges((end) => {
        ends.push(end)
        return end.status === 404
      })
      expect(charged).toEqual({
        '/': 1,
        '/stream': 1,
        '/fails': 1,
        '/denies': 1,
        '/throws': 1,
        '/nowhere': 0,
      })
      expect(ends).toEqual(
        [200, 200, 500, 403, 500, 404].map((status) => ({ status, aborted: false, refused: false })),
      )
    })

    it('makes room for the next request of the same connection', async () => {
      const { limits } = underClock(harness)
      const site = await serve(harness, { use: [limits({ limit: 1, window: '1m', refund: 'failed' })] })
      for (let i = 0; i < 5; i++) {
        expect((await site.get('/fails')).status).toBe(500)
        await site.idle()
      }
      expect((await site.get()).status).toBe(200)
      expect((await site.get('/fails')).status).toBe(429)
    })

    it('gives back once, however often the middleware is mounted', async () => {
      const { limits } = underClock(harness)
      const limit = limits({ limit: 9, window: '1m', refund: 'failed' })
      const site = await serve(harness, { use: [limit, limit] })
      for (let i = 0; i < 3; i++) await site.get()
      await site.get('/fails')
      await site.idle()
      expect(await used(limit)).toBe(3)
    })

    it('gives back the cost that was charged, to the policies that took part', async () => {
      const { limits } = underClock(harness)
      const limit = limits({ limit: 9, window: '1m', cost: 4, refund: 'failed' })
      const site = await serve(harness, { use: [limit] })
      await site.get()
      await site.get('/fails')
      await site.idle()
      expect(await used(limit)).toBe(4)
    })

    it('gives nothing back once the window of the charge has passed', async () => {
      const { limits, clock } = underClock(harness)
      const limit = limits({ limit: 9, window: '1m', refund: 'failed' })
      const [began, end] = [deferred(), deferred()]
      async function handler() {
        began.resolve()
        await end.promise
        return { status: 500 }
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/slow', handler }] })
      const slow = site.get('/slow')
      await began.promise
      clock.advance(60_000)
      await site.get()
      end.resolve()
      expect((await slow).status).toBe(500)
      await site.idle()
      expect(await used(limit)).toBe(1)
    })

    it('gives a refused request nothing', async () => {
      const { limits } = underClock(harness)
      const limit = limits({ limit: 1, window: '1m', refund: 'failed' })
      const site = await serve(harness, { use: [limit] })
      await site.get()
      for (let i = 0; i < 3; i++) expect((await site.get('/fails')).status).toBe(429)
      await site.idle()
      expect(await used(limit)).toBe(1)
    })

    it('survives a function that throws, and keeps the charge', async () => {
      const { limits } = underClock(harness)
      const limit = limits({
        limit: 9,
        window: '1m',
        refund() {
          throw new Error('mine')
        },
      })
      const site = await serve(harness, { use: [limit] })
      expect((await site.get()).text).toBe('ok')
      await site.idle()
      expect(await used(limit)).toBe(1)
    })

    it('gives back where something is thrown that is no error', async () => {
      const { limits } = underClock(harness)
      const limit = limits({ limit: 9, window: '1m', refund: 'failed' })
      const handler = () => Promise.reject('text')
      const site = await serve(harness, { use: [limit], routes: [{ path: '/text', handler }] })
      expect((await site.get('/text')).status).toBe(500)
      await site.idle()
      expect(await used(limit)).toBe(0)
    })

    it('ends a HEAD of a stream with its head', async () => {
      const { limits } = underClock(harness)
      const ends: unknown[] = []
      const limit = limits({ limit: 9, window: '1m', refund: (end) => ends.push(end) > 0 })
      const site = await serve(harness, { use: [limit] })
      await site.request('HEAD', '/stream')
      await site.idle()
      expect(ends).toEqual([{ status: 200, aborted: false, refused: false }])
      expect(await used(limit)).toBe(0)
    })
  })
}
