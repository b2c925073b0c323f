import { concurrency, slidingWindow } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import type { Harness, Middleware } from './harness.js'
import { crowd, deferred, limitHeaders, serve, underClock } from './site.js'

/** Longer than any of these tests. */
const LEASE = '10m'
const SLOTS = 5
const STORM_MS = 60_000

/** Storms of requests on a few slots: never more of them at once, and none is lost. */
export function slots<R>(harness: Harness<R>): void {
  const held = async ({ limiter }: Middleware<R>) => (await limiter.peek('127.0.0.1', { cost: 0 })).used
  const work = (req: R, promise: Promise<void>) => harness.seen(req)?.hold(promise)

  describe('200 requests at once on five slots', () => {
    it(
      'come five at a time, and the rest is refused',
      async () => {
        const limit = harness.createRateLimit()({ policy: concurrency({ limit: SLOTS, lease: LEASE }) })
        const [inside, end] = [crowd(), deferred()]
        async function handler(req: R) {
          await work(req, inside.run(end.promise))
          return { body: 'ok' }
        }
        const site = await serve(harness, { use: [limit], routes: [{ path: '/slow', handler }] })
        for (let storm = 1; storm <= 2; storm++) {
          let answered = 0
          const replies = Array.from({ length: 200 }, async () => {
            const { status } = await site.get('/slow')
            if (++answered === 200 - SLOTS) end.resolve()
            return status
          })
          const statuses = await Promise.all(replies)
          if (storm === 1) {
            expect(statuses.filter((status) => status === 200)).toHaveLength(SLOTS)
            expect(statuses.filter((status) => status === 429)).toHaveLength(200 - SLOTS)
          }
          await site.idle()
          expect(await held(limit)).toBe(0)
        }
        expect(inside.most).toBe(SLOTS)
      },
      STORM_MS,
    )

    it(
      'wait for them, as many as may',
      async () => {
        const policy = concurrency({ limit: SLOTS, lease: LEASE, queue: 50, maxWait: '10m' })
        const limit = harness.createRateLimit()({ policy })
        const [inside, end] = [crowd(), deferred()]
        async function handler(req: R) {
          await work(req, inside.run(end.promise))
          return { body: 'ok' }
        }
        const site = await serve(harness, { use: [limit], routes: [{ path: '/slow', handler }] })
        let refused = 0
        const replies = Array.from({ length: 200 }, async () => {
          const { status } = await site.get('/slow')
          if (status === 429 && ++refused === 145) end.resolve()
          return status
        })
        const statuses = await Promise.all(replies)
        expect(statuses.filter((status) => status === 200)).toHaveLength(55)
        expect(statuses.filter((status) => status === 429)).toHaveLength(145)
        await site.idle()
        expect([inside.most, await held(limit)]).toEqual([SLOTS, 0])
      },
      STORM_MS,
    )

    it(
      'leave all five free, though a hundred of the clients hang up in the middle of their answer',
      async () => {
        const policy = concurrency({ limit: SLOTS, lease: LEASE, queue: 200, maxWait: '10m' })
        const limit = harness.createRateLimit()({ policy })
        const [inside, full] = [crowd(), deferred()]
        const ends = new Map<string | undefined, () => void>()
        function handler(req: R) {
          const [more, { signal }] = [deferred(), harness.seen(req) as { signal: AbortSignal }]
          ends.set(harness.header(req, 'x-number'), more.resolve)
          signal.addEventListener('abort', () => more.resolve())
          work(req, inside.run(more.promise))
          if (inside.now === SLOTS) full.resolve()
          async function* pieces() {
            yield 'first'
            await more.promise
            yield 'second'
          }
          return { body: pieces() }
        }
        const site = await serve(harness, { use: [limit], routes: [{ path: '/pieces', handler }] })
        const clients = Array.from({ length: 200 }, async (_, i) => {
          const connection = await site.write({ path: '/pieces', headers: { 'X-Number': `${i}` } })
          while (!(await connection.next()).includes('first'));
          await full.promise
          if (i % 2 === 0) return connection.abort()
          ends.get(`${i}`)?.()
          expect(await connection.all()).toContain('second')
        })
        await Promise.all(clients)
        await site.idle()
        expect([inside.most, inside.now, await held(limit)]).toEqual([SLOTS, 0, 0])
      },
      STORM_MS,
    )
  })

  describe('a policy that holds slots', () => {
    const { everyone } = harness.extractors

    it('says how many there are and, when it refuses, when one is free at the latest', async () => {
      const { limits } = underClock(harness, { headers: ['x-ratelimit', 'ratelimit'], key: everyone() })
      const limit = limits({ policies: { slots: concurrency({ limit: 1, lease: '90s' }) } })
      const end = deferred()
      const handler = () => end.promise.then(() => ({ body: 'ok' }))
      const site = await serve(harness, { use: [limit], routes: [{ path: '/slow', handler }] })
      const slow = site.get('/slow')
      while ((await limit.limiter.peek('everyone', { cost: 0 })).used === 0) await site.turn()
      const refused = await site.get()
      expect(refused.status).toBe(429)
      expect(limitHeaders(refused)).toEqual({
        'cache-control': 'no-store',
        'ratelimit-policy': '"slots";q=1;qu="concurrent-requests"',
        ratelimit: '"slots";r=0;t=90',
        'retry-after': '90',
        'x-ratelimit-limit': '1',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': expect.any(String),
      })
      expect(JSON.parse(refused.text)).toMatchObject({
        code: 'CONCURRENCY_LIMIT_EXCEEDED',
        detail: 'The limit "slots" of 1 request at once is reached. Try again in 90 seconds.',
      })
      end.resolve()
      expect((await slow).headers['ratelimit']).toBe('"slots";r=0')
    })

    it('takes as many for a request as it costs', async () => {
      const { limits } = underClock(harness, { key: everyone() })
      const cost = (req: R) => Number(harness.header(req, 'x-weight'))
      const limit = limits({ policies: { slots: { policy: concurrency({ limit: 5, lease: '9s' }), cost } } })
      const seen: unknown[] = []
      const handler = (req: R) => {
        seen.push(harness.seen(req)?.used)
        return { body: 'ok' }
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/heavy', handler }] })
      for (const weight of [4, 5, 1]) await site.get('/heavy', { 'X-Weight': `${weight}` })
      expect(seen).toEqual([4, 5, 1])
      const tooHeavy = await site.get('/heavy', { 'X-Weight': '6' })
      expect([tooHeavy.status, JSON.parse(tooHeavy.text).code]).toEqual([413, 'COST_EXCEEDS_LIMIT'])
    })

    it('charges nothing else where there is no slot, and holds none where something else refuses', async () => {
      const { limits } = underClock(harness, { key: everyone() })
      const policies = {
        minute: slidingWindow({ limit: 2, window: '1m' }),
        slots: concurrency({ limit: 1, lease: '9s' }),
      }
      const limit = limits({ policies })
      const blocked = await limit.limiter.reserve({ minute: null, slots: 'everyone' })
      const site = await serve(harness, { use: [limit] })
      expect((await site.get()).status).toBe(429)
      const { policies: left } = await limit.limiter.peek('everyone', { cost: 0 })
      expect([left['minute']?.used, left['slots']?.used]).toEqual([0, 1])
      await blocked.cancel()
      for (const status of [200, 200, 429]) expect((await site.get()).status).toBe(status)
      await site.idle()
      expect((await limit.limiter.peek('everyone', { cost: 0 })).policies['slots']?.used).toBe(0)
    })
  })
}
