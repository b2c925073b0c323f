import { createLimiter, memoryStore, slidingWindow } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import type { Harness } from './harness.js'
import { serve, statuses, underClock } from './site.js'

const MINUTE = 60_000
const DAY = 86_400_000

export function limiting<R>(harness: Harness<R>): void {
  const { byHeader, everyone, firstOf } = harness.extractors
  const key = firstOf(byHeader('x-user'), everyone())

  describe('limiting', () => {
    it('gives exactly five 200 and five 429 to ten pipelined requests under a limit of 5', async () => {
      const limit = harness.createRateLimit()({ limit: 5, window: '1m' })
      const site = await serve(harness, { use: [limit] })
      const text = await (await site.write(...Array(10).fill({ path: '/' }))).all()
      expect(statuses(text)).toEqual([200, 200, 200, 200, 200, 429, 429, 429, 429, 429])
    })

    it('admits exactly the limit of 100 requests over ten connections at once', async () => {
      const limit = harness.createRateLimit()({ limit: 40, window: '1m' })
      const site = await serve(harness, { use: [limit] })
      const burst = async () => statuses(await (await site.write(...Array(10).fill({ path: '/' }))).all())
      const received = (await Promise.all(Array.from({ length: 10 }, burst))).flat()
      expect(received.filter((status) => status === 200)).toHaveLength(40)
      expect(received.filter((status) => status === 429)).toHaveLength(60)
    })

    it('limits by a window of 30 days', async () => {
      const { limits, clock } = underClock(harness)
      const site = await serve(harness, { use: [limits({ limit: 2, window: '30d' })] })
      await site.get()
      clock.advance(DAY)
      await site.get()
      clock.advance(29 * DAY - 1)
      const refused = await site.get()
      expect(refused.status).toBe(429)
      expect(refused.headers['retry-after']).toBe('1')
      clock.advance(1)
      expect((await site.get()).status).toBe(200)
      expect((await site.get()).status).toBe(429)
    })

    it('admits a client that waits exactly Retry-After, and none that comes earlier', async () => {
      const { limits, clock } = underClock(harness)
      const site = await serve(harness, { use: [limits({ limit: 3, window: '1m' })] })
      for (const wait of [0, 700, 12_345]) {
        clock.advance(wait)
        expect((await site.get()).status).toBe(200)
      }
      clock.advance(1)
      const refused = await site.get()
      const seconds = Number(refused.headers['retry-after'])
      expect(seconds).toBe(Math.ceil((MINUTE - 700 - 12_345 - 1) / 1000))
      clock.advance(seconds * 1000 - 1000)
      expect((await site.get()).status).toBe(429)
      clock.advance(1000)
      expect((await site.get()).status).toBe(200)
    })

    it('limits one route only when it is put there', async () => {
      const { limits } = underClock(harness)
      const bulk = limits({ limit: 1, window: '1m' })
      const handler = () => ({ body: 'done' })
      const site = await serve(harness, { routes: [{ path: '/bulk', limits: [bulk], handler }] })
      expect((await site.get('/bulk')).text).toBe('done')
      expect((await site.get('/bulk')).status).toBe(429)
      expect((await site.get('/')).status).toBe(200)
    })

    it('limits what no route answers too', async () => {
      const { limits } = underClock(harness)
      const site = await serve(harness, { use: [limits({ limit: 1, window: '1m' })] })
      const missing = await site.get('/nowhere')
      expect(missing.status).toBe(404)
      expect(missing.headers['x-ratelimit-remaining']).toBe('0')
      expect((await site.get('/nowhere')).status).toBe(429)
    })

    it('counts a request once, however often the middleware is mounted', async () => {
      const { limits } = underClock(harness)
      const limit = limits({ limit: 2, window: '1m' })
      const handler = () => ({ body: 'ok' })
      const routes = [{ path: '/twice', limits: [limit, limit], handler }]
      const site = await serve(harness, { use: [limit, limit], routes })
      expect((await site.get('/twice')).headers['x-ratelimit-remaining']).toBe('1')
      expect((await site.get('/twice')).headers['x-ratelimit-remaining']).toBe('0')
      expect((await site.get('/twice')).status).toBe(429)
    })

    it('shares defaults, and what a limiter says itself goes before them', async () => {
      const { limits } = underClock(harness, { store: memoryStore(), key, headers: ['ratelimit-7'] })
      const standard = limits({ limit: 2, window: '1m', name: 'standard' })
      const bulk = limits({ limit: 1, window: '1m', name: 'bulk', headers: ['ratelimit-6'], body: 'json' })
      const handler = () => ({ body: 'ok' })
      const site = await serve(harness, {
        routes: [
          { path: '/standard', limits: [standard], handler },
          { path: '/bulk', limits: [bulk], handler },
        ],
      })
      const as = (user: string) => ({ 'x-user': user })
      expect((await site.get('/bulk', as('ann'))).headers['ratelimit-limit']).toBe('1')
      const refused = await site.get('/bulk', as('ann'))
      expect(refused.status).toBe(429)
      expect(JSON.parse(refused.text).details.policy).toBe('bulk')
      const other = await site.get('/standard', as('ann'))
      expect(other.headers['ratelimit']).toBe('limit=2, remaining=1, reset=60')
      expect((await site.get('/bulk', as('bob'))).status).toBe(200)
    })

    it('makes one pool of one name and configuration on one store', async () => {
      const { limits } = underClock(harness, { store: memoryStore() })
      const [one, same] = [
        limits({ limit: 2, window: '1m', name: 'pool' }),
        limits({ limit: 2, window: '1m', name: 'pool' }),
      ]
      const handler = () => ({ body: 'ok' })
      const site = await serve(harness, {
        routes: [
          { path: '/one', limits: [one], handler },
          { path: '/same', limits: [same], handler },
        ],
      })
      expect((await site.get('/one')).headers['x-ratelimit-remaining']).toBe('1')
      expect((await site.get('/same')).headers['x-ratelimit-remaining']).toBe('0')
      expect((await site.get('/one')).status).toBe(429)
      expect(() => limits({ limit: 3, window: '1m', name: 'pool' })).toThrow(
        expect.objectContaining({ code: 'NAME_TAKEN' }),
      )
    })

    it('shows the limiter behind it, whose reset frees a key', async () => {
      const { limits } = underClock(harness, { key })
      const limit = limits({ limit: 1, window: '1m', name: 'standard' })
      const site = await serve(harness, { use: [limit] })
      const ann = { 'x-user': 'ann' }
      await site.get('/', ann)
      expect((await site.get('/', ann)).status).toBe(429)
      expect(Object.keys(limit.limiter.policies)).toEqual(['standard'])
      await limit.limiter.reset('0:ann')
      expect((await site.get('/', ann)).status).toBe(200)
    })

    it('goes by a limiter that you built, together with those who call it directly', async () => {
      const { clock } = underClock(harness)
      const policies = { minute: slidingWindow({ limit: 3, window: '1m' }) }
      const limiter = createLimiter({ policies, clock })
      const limit = harness.createRateLimit()({ limiter, key: everyone() })
      const site = await serve(harness, { use: [limit] })
      expect(limit.limiter).toBe(limiter)
      limiter.consumeSync('everyone', { cost: 2 })
      expect((await site.get()).status).toBe(200)
      expect((await site.get()).status).toBe(429)
    })

    it('gives handlers the decision, and tells onDecision of it', async () => {
      const decisions: unknown[] = []
      const { limits } = underClock(harness)
      const onDecision = (decision: unknown, req: R) =>
        decisions.push(decision, harness.header(req, 'x-user'))
      const limit = limits({ limit: 1, window: '1m', name: 'standard', key, onDecision })
      const seen: unknown[] = []
      const handler = (req: R) => {
        seen.push(harness.seen(req), limit.decision(req))
        return { body: 'ok' }
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/seen', handler }] })
      await site.get('/seen', { 'x-user': 'ann' })
      expect(seen[0]).toMatchObject({ allowed: true, policy: 'standard', limit: 1, remaining: 0 })
      expect(seen[0]).toMatchObject({ policies: { standard: { key: '0:ann', level: 0 } } })
      expect(seen[1]).toBe(seen[0])
      expect(decisions).toEqual([seen[0], 'ann'])

      await site.get('/seen', { 'x-user': 'ann' })
      expect(decisions[2]).toMatchObject({
        allowed: false,
        code: 'RATE_LIMIT_EXCEEDED',
        retryAfterMs: MINUTE,
      })
      expect(seen).toHaveLength(2)
    })
  })
}
