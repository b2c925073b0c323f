import { slidingWindow } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import type { Harness, Middleware } from './harness.js'
import { limitHeaders, serve, underClock } from './site.js'

/** Limiters inside limiters are decisions of their own; what the client sees is of one piece. */
export function nested<R>(harness: Harness<R>): void {
  const handler = () => ({ body: 'ok' })
  const inside = (outer: Middleware<R>, inner: Middleware<R>, path = '/inner') => ({
    use: [outer],
    routes: [{ path, limits: [inner], handler }],
  })

  describe('nested limiters', () => {
    it('show the one that binds, wherever it stands', async () => {
      const { limits } = underClock(harness)
      const wide = limits({ limit: 10, window: '1m', name: 'wide' })
      const narrow = limits({ limit: 2, window: '1h', name: 'narrow' })
      for (const [outer, inner] of [
        [wide, narrow],
        [narrow, wide],
      ] as const) {
        await Promise.all([wide, narrow].map(({ limiter }) => limiter.reset('127.0.0.1')))
        const site = await serve(harness, inside(outer, inner))
        expect(limitHeaders(await site.get('/inner'))).toMatchObject({
          'x-ratelimit-limit': '2',
          'x-ratelimit-remaining': '1',
          'x-ratelimit-window': '3600',
        })
        await site.get('/inner')
        const refused = await site.get('/inner')
        expect(refused.status).toBe(429)
        expect(limitHeaders(refused)).toMatchObject({ 'x-ratelimit-limit': '2', 'retry-after': '3600' })
      }
    })

    it('list all in the headers that are lists', async () => {
      const { limits } = underClock(harness, { headers: ['ratelimit'] })
      const outer = limits({ limit: 10, window: '1m', name: 'outer' })
      const inner = limits({ limit: 2, window: '1h', name: 'inner' })
      const site = await serve(harness, inside(outer, inner))
      const passed = await site.get('/inner')
      expect(limitHeaders(passed)).toEqual({
        ratelimit: '"outer";r=9;t=60, "inner";r=1;t=3600',
        'ratelimit-policy': '"outer";q=10;w=60, "inner";q=2;w=3600',
      })
      await site.get('/inner')
      const refused = await site.get('/inner')
      expect(refused.headers['ratelimit']).toBe('"outer";r=7;t=60, "inner";r=0;t=3600')
    })

    it('speak the dialects of both, each of those that it is about', async () => {
      const { limits } = underClock(harness)
      const outer = limits({ limit: 10, window: '1m', name: 'outer', headers: ['x-ratelimit'] })
      const inner = limits({ limit: 2, window: '1h', name: 'inner', headers: ['ratelimit'] })
      const site = await serve(harness, inside(outer, inner))
      expect(limitHeaders(await site.get('/inner'))).toMatchObject({
        'x-ratelimit-limit': '10',
        ratelimit: '"inner";r=1;t=3600',
      })
    })

    it('keep the charge of the outer one when the inner one refuses', async () => {
      const { limits } = underClock(harness)
      const outer = limits({ limit: 10, window: '1m', name: 'outer', refund: 'failed' })
      const inner = limits({ limit: 1, window: '1m', name: 'inner', refund: 'failed' })
      const site = await serve(harness, inside(outer, inner))
      expect((await site.get('/inner')).status).toBe(200)
      expect((await site.get('/inner')).status).toBe(429)
      await site.idle()
      const state = await outer.limiter.peek('127.0.0.1', { cost: 0 })
      expect(state.used).toBe(2)
    })

    it('refund the outer one when the request itself fails behind the inner one, even if that is a shadow', async () => {
      const { limits } = underClock(harness)
      const outer = limits({ limit: 10, window: '1m', name: 'outer', refund: 'failed' })
      const inner = limits({ limit: 1, window: '1m', name: 'inner', shadow: true })
      const site = await serve(harness, { use: [outer, inner] })
      for (let i = 0; i < 3; i++) await site.get('/fails')
      await site.idle()
      expect((await outer.limiter.peek('127.0.0.1', { cost: 0 })).used).toBe(0)
    })

    it('tell a refund function that another limiter refused', async () => {
      const { limits } = underClock(harness)
      const ends: unknown[] = []
      const refund = (end: unknown) => ends.push(end) < 0
      const outer = limits({ limit: 10, window: '1m', refund })
      const inner = limits({ limit: 1, window: '1m' })
      const site = await serve(harness, inside(outer, inner))
      await site.get('/inner')
      await site.get('/inner')
      await site.idle()
      expect(ends).toEqual([
        { status: 200, aborted: false, refused: false },
        { status: 429, aborted: false, refused: true },
      ])
    })

    it('give handlers the innermost decision, and each its own', async () => {
      const { limits } = underClock(harness)
      const outer = limits({ limit: 10, window: '1m', name: 'outer' })
      const inner = limits({ limit: 2, window: '1m', name: 'inner' })
      const seen: unknown[] = []
      const handler = (req: R) => {
        seen.push(harness.seen(req)?.policy, outer.decision(req)?.policy, inner.decision(req)?.policy)
        return {}
      }
      const site = await serve(harness, {
        use: [outer],
        routes: [{ path: '/seen', limits: [inner], handler }],
      })
      await site.get('/seen')
      expect(seen).toEqual(['inner', 'outer', 'inner'])
    })

    it('keep the headers of both on an error', async () => {
      const { limits } = underClock(harness, { headers: ['ratelimit'] })
      const outer = limits({ limit: 10, window: '1m', name: 'outer' })
      const inner = limits({ limit: 2, window: '1m', name: 'inner' })
      const thrown = () => Promise.reject(new Error('boom'))
      const onError = () => {}
      for (const app of [{}, { onError }]) {
        const routes = [{ path: '/inner', limits: [inner], handler: thrown }]
        const site = await serve(harness, { ...app, use: [outer], routes })
        const reply = await site.get('/inner')
        expect(reply.status).toBe(500)
        expect(Object.keys(limitHeaders(reply))).toEqual(['ratelimit', 'ratelimit-policy'])
        expect(reply.headers['ratelimit']).toMatch(/^"outer";r=\d;t=60, "inner";r=\d;t=60$/)
      }
    })

    it('keep the headers of the outer one when the inner one is misused', async () => {
      const { limits } = underClock(harness)
      const outer = limits({ limit: 10, window: '1m' })
      const inner = limits({ limit: 2, window: '1m', key: () => '' })
      const site = await serve(harness, inside(outer, inner))
      const reply = await site.get('/inner')
      expect(reply.status).toBe(500)
      expect(reply.headers['x-ratelimit-limit']).toBe('10')
    })

    it('are not all-or-nothing, as the policies of one limiter are', async () => {
      const { limits } = underClock(harness)
      const [big, small] = [
        slidingWindow({ limit: 10, window: '1m' }),
        slidingWindow({ limit: 1, window: '1m' }),
      ]
      const one = limits({ policies: { big, small } })
      const site = await serve(harness, { use: [one] })
      for (let i = 0; i < 3; i++) await site.get()
      expect((await one.limiter.peek('127.0.0.1', { cost: 0 })).policies['big']?.used).toBe(1)
    })
  })
}
