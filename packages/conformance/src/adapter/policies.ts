import { createLimiter, slidingWindow, tokenBucket } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import type { Harness } from './harness.js'
import { limitHeaders, serve, underClock } from './site.js'

/** Which policies take part in a request, and with what key, cost and limit. */
export function policies<R>(harness: Harness<R>): void {
  const { byHeader, everyone, firstOf, method } = harness.extractors
  const user = firstOf(byHeader('x-user'), everyone())
  const tenant = firstOf(byHeader('x-tenant'), everyone())
  const number = (name: string) => (req: R) => Number(harness.header(req, name))
  const window = (limit: number) => slidingWindow({ limit, window: '1m' })

  describe('policies', () => {
    it('decides by several policies at once, each with a key of its own', async () => {
      const { limits } = underClock(harness)
      const limit = limits({
        policies: { user: { policy: window(2), key: user }, tenant: { policy: window(3), key: tenant } },
      })
      const site = await serve(harness, { use: [limit] })
      const status = async (user: string) =>
        (await site.get('/', { 'x-user': user, 'x-tenant': 'acme' })).status
      expect(await status('ann')).toBe(200)
      expect(await status('ann')).toBe(200)
      expect(await status('ann')).toBe(429)
      expect(await status('bob')).toBe(200)
      expect(await status('bob')).toBe(429)
    })

    it('charges nothing when one of them refuses', async () => {
      const { limits } = underClock(harness)
      const limit = limits({
        policies: { wide: { policy: window(10), key: user }, narrow: { policy: window(1), key: tenant } },
      })
      const site = await serve(harness, { use: [limit] })
      for (const tenant of ['a', 'a', 'a', 'b']) await site.get('/', { 'x-user': 'ann', 'x-tenant': tenant })
      const { policies } = await limit.limiter.peek({ wide: '0:ann', narrow: '0:a' }, { cost: 0 })
      expect(policies['wide']?.used).toBe(2)
      expect(policies['narrow']?.used).toBe(1)
    })

    it('charges refused requests under chargeRefused only', async () => {
      const { limits, clock } = underClock(harness)
      const patient = slidingWindow({ limit: 1, window: '10s', chargeRefused: true })
      const site = await serve(harness, { use: [limits({ policy: patient })] })
      await site.get()
      clock.advance(9000)
      expect((await site.get()).headers['retry-after']).toBe('10')
      clock.advance(9000)
      expect((await site.get()).status).toBe(429)
      clock.advance(10_000)
      expect((await site.get()).status).toBe(200)
    })

    it.each([
      ['a number', 3],
      ['a function', number('x-cost')],
      ['an async function', async (req: R) => number('x-cost')(req)],
    ])('charges a cost that is %s', async (_, cost) => {
      const { limits } = underClock(harness)
      const site = await serve(harness, { use: [limits({ limit: 10, window: '1m', cost })] })
      const reply = await site.get('/', { 'x-cost': '3' })
      expect(reply.headers['x-ratelimit-remaining']).toBe('7')
    })

    it("charges a rule's own cost before the limiter's", async () => {
      const { limits } = underClock(harness)
      const limit = limits({
        cost: 2,
        policies: {
          calls: { policy: window(10), cost: 1 },
          tokens: { policy: window(10), cost: number('x-cost') },
          rest: window(10),
        },
        headers: ['ratelimit'],
      })
      const site = await serve(harness, { use: [limit] })
      const reply = await site.get('/', { 'x-cost': '5' })
      expect(reply.headers['ratelimit']).toBe('"calls";r=9;t=60, "tokens";r=5;t=60, "rest";r=8;t=60')
    })

    it.each([
      ['a record', { tokens: 4 }],
      ['a function of it', (req: R) => ({ tokens: number('x-cost')(req) })],
    ])('charges a limiter that you built by %s', async (_, cost) => {
      const { clock } = underClock(harness)
      const limiter = createLimiter({ policies: { calls: window(10), tokens: window(10) }, clock })
      const limit = harness.createRateLimit()({ limiter, cost, headers: ['ratelimit'] })
      const site = await serve(harness, { use: [limit] })
      const reply = await site.get('/', { 'x-cost': '4' })
      expect(reply.headers['ratelimit']).toBe('"calls";r=9;t=60, "tokens";r=6;t=60')
    })

    it('leaves a policy out unless its `when` holds', async () => {
      const { limits } = underClock(harness)
      const limit = limits({
        headers: ['ratelimit'],
        policies: {
          all: window(10),
          writes: { policy: window(1), when: method('post', 'DELETE') },
          late: { policy: window(9), when: async (req) => harness.header(req, 'x-late') === 'yes' },
        },
      })
      const seen: unknown[] = []
      const handler = (req: R) => {
        seen.push(Object.keys(harness.seen(req)?.policies ?? {}))
        return {}
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/seen', handler }] })
      expect((await site.request('POST', '/')).headers['ratelimit']).toBe('"all";r=9;t=60, "writes";r=0;t=60')
      expect((await site.request('POST', '/')).status).toBe(429)
      await site.get('/seen')
      await site.get('/seen', { 'x-late': 'yes' })
      expect(seen).toEqual([['all'], ['all', 'late']])
    })

    it('makes no decision and sends no headers when no policy takes part', async () => {
      let decisions = 0
      const { limits } = underClock(harness, { onDecision: () => decisions++, refund: 'failed' })
      const never = limits({ policies: { writes: { policy: window(1), when: method('POST') } } })
      const lifted = limits({
        policies: { user: { policy: window(1), limit: () => Number.POSITIVE_INFINITY } },
      })
      const seen: unknown[] = []
      const handler = (req: R) => {
        seen.push(harness.seen(req), never.decision(req), lifted.decision(req))
        return {}
      }
      const site = await serve(harness, { use: [never, lifted], routes: [{ path: '/seen', handler }] })
      for (let i = 0; i < 3; i++) {
        const reply = await site.get('/seen')
        expect(reply.status).toBe(200)
        expect(limitHeaders(reply)).toEqual({})
      }
      expect(new Set(seen)).toEqual(new Set([undefined]))
      expect(decisions).toBe(0)
    })

    it.each([
      ['a function', (flag: string | undefined) => flag === 'skip'],
      ['an async function', async (flag: string | undefined) => flag === 'skip'],
    ])('lets through what `skip` names, before anything else runs: %s', async (_, skips) => {
      let keys = 0
      const { limits } = underClock(harness)
      const limit = limits({
        limit: 1,
        window: '1m',
        skip: (req) => skips(harness.header(req, 'x-flag')),
        key() {
          keys++
          return 'one'
        },
      })
      const site = await serve(harness, { use: [limit] })
      for (let i = 0; i < 3; i++) {
        const reply = await site.get('/', { 'x-flag': 'skip' })
        expect(reply.status).toBe(200)
        expect(limitHeaders(reply)).toEqual({})
      }
      expect(keys).toBe(0)
      expect((await site.get()).status).toBe(200)
      expect((await site.get()).status).toBe(429)
      expect((await site.get('/', { 'x-flag': 'skip' })).status).toBe(200)
    })

    it("goes by a caller's own limit: a number, none, Infinity or 0", async () => {
      const limitOf: Record<string, number> = { big: 3, lifted: Number.POSITIVE_INFINITY, banned: 0 }
      const { limits } = underClock(harness)
      const limit = limits({
        policies: {
          user: {
            policy: window(1),
            key: user,
            limit: async (req) => limitOf[harness.header(req, 'x-user') ?? ''],
          },
        },
      })
      const site = await serve(harness, { use: [limit] })
      const admitted = async (user: string) => {
        const replies = []
        for (let i = 0; i < 5; i++) replies.push(await site.get('/', { 'x-user': user }))
        return replies.filter(({ status }) => status === 200).length
      }
      expect(await admitted('someone')).toBe(1)
      expect(await admitted('big')).toBe(3)
      expect(await admitted('lifted')).toBe(5)
      expect(await admitted('banned')).toBe(0)

      const banned = await site.get('/', { 'x-user': 'banned' })
      expect(banned.headers['retry-after']).toBeUndefined()
      expect(JSON.parse(banned.text)).toMatchObject({ status: 429, code: 'RATE_LIMIT_EXCEEDED' })
      expect(JSON.parse(banned.text)).not.toHaveProperty('retryAfter')
    })

    it('takes a function for `limit` beside `window`', async () => {
      const { limits } = underClock(harness)
      const limit = limits({ limit: (req) => number('x-limit')(req), window: '1m', key: user })
      const site = await serve(harness, { use: [limit] })
      const as = (user: string, limit: number) => site.get('/', { 'x-user': user, 'x-limit': String(limit) })
      expect((await as('ann', 2)).headers['x-ratelimit-limit']).toBe('2')
      expect((await as('ann', 2)).status).toBe(200)
      expect((await as('ann', 2)).status).toBe(429)
      expect((await as('ann', 3)).status).toBe(200)
      expect((await as('bob', 1)).headers['x-ratelimit-remaining']).toBe('0')
    })

    it('answers 413 to a cost above what a policy can ever hold', async () => {
      const { limits } = underClock(harness, { cost: number('x-cost') })
      const bucket = tokenBucket({ limit: 10, window: '1s', burst: 20 })
      const site = await serve(harness, { use: [limits({ policy: bucket })] })
      const refused = await site.get('/', { 'x-cost': '21' })
      expect(refused.status).toBe(413)
      expect(refused.headers['retry-after']).toBeUndefined()
      expect(refused.headers['cache-control']).toBe('no-store')
      expect(JSON.parse(refused.text)).toMatchObject({ status: 413, code: 'COST_EXCEEDS_LIMIT' })
      expect((await site.get('/', { 'x-cost': '20' })).status).toBe(200)
    })

    it('asks an extractor once, however many policies share it', async () => {
      let calls = 0
      const { limits } = underClock(harness)
      const shared = async () => `user:${++calls}`
      const limit = limits({
        policies: { a: window(9), b: { policy: window(9), key: shared }, c: window(9) },
        key: shared,
      })
      const site = await serve(harness, { use: [limit] })
      await site.get()
      expect(calls).toBe(1)
    })
  })
}
