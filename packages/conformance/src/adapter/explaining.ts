import { slidingWindow } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import type { Harness } from './harness.js'
import { limitHeaders, serve, underClock } from './site.js'

/** What a middleware says of a request that it is asked about. */
export function explaining<R>(harness: Harness<R>): void {
  const { byHeader, everyone, firstOf, method } = harness.extractors

  describe('explain', () => {
    it('says in front of the limiter how each policy stands, also while it refuses', async () => {
      const { limits } = underClock(harness)
      const limit = limits({
        policies: {
          user: {
            policy: slidingWindow({ limit: 2, window: '1m' }),
            key: firstOf(byHeader('x-user'), everyone()),
          },
          writes: { policy: slidingWindow({ limit: 1, window: '1m' }), when: method('POST') },
          lifted: {
            policy: slidingWindow({ limit: 1, window: '1m' }),
            limit: async () => Number.POSITIVE_INFINITY,
          },
        },
        skip: (req) => harness.header(req, 'x-skip') !== undefined,
      })
      const throttle = async (req: R) => ({ body: JSON.stringify(await limit.explain(req)) })
      const site = await serve(harness, {
        routes: [
          { path: '/throttle', handler: throttle },
          { path: '/limited', limits: [limit], handler: () => ({ body: 'ok' }) },
        ],
      })
      const headers = { 'x-user': 'ann' }
      for (const status of [200, 200, 429]) expect((await site.get('/limited', headers)).status).toBe(status)

      for (let i = 0; i < 2; i++) {
        const reply = await site.get('/throttle', headers)
        expect([reply.status, limitHeaders(reply)]).toEqual([200, {}])
        expect(JSON.parse(reply.text)).toMatchObject({
          allowed: false,
          policy: 'user',
          retryAfterMs: 60_000,
          text: '"user" refuses: 2 of 2 used in a window of 1 minute; the next is admitted in 60 s.',
          policies: {
            user: { counted: true, key: '0:ann', level: 0, used: 2, remaining: 0 },
            writes: { counted: false, reason: 'when' },
            lifted: { counted: false, reason: 'limit' },
          },
        })
      }
      const others = JSON.parse((await site.get('/throttle')).text)
      expect(others).toMatchObject({ allowed: true, policies: { user: { level: 1, used: 0 } } })
      const skipped = JSON.parse((await site.get('/throttle', { ...headers, 'x-skip': '1' })).text)
      expect(skipped).toMatchObject({ allowed: true, policies: { user: { counted: false, reason: 'skip' } } })
    })
  })
}
