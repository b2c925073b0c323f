import { quota, slidingWindow, tokenBucket } from '@spillway/core'
import { parseList } from 'structured-headers'
import { describe, expect, it } from 'vitest'
import type { Harness } from './harness.js'
import { limitHeaders, NOW, serve, underClock } from './site.js'

const START = NOW / 1000

/** A structured-field list, as names with their parameters. */
function list(text: string | undefined): Record<string, object> {
  return Object.fromEntries(
    parseList(text ?? '').map(([item, parameters]) => [String(item), Object.fromEntries(parameters)]),
  )
}

export function headers<R>(harness: Harness<R>): void {
  const { everyone } = harness.extractors

  describe('headers', () => {
    it('are X-RateLimit unless told otherwise', async () => {
      const { limits, clock } = underClock(harness)
      const site = await serve(harness, { use: [limits({ limit: 2, window: '90s' })] })
      expect(limitHeaders(await site.get())).toEqual({
        'x-ratelimit-limit': '2',
        'x-ratelimit-remaining': '1',
        'x-ratelimit-reset': `${START + 90}`,
        'x-ratelimit-window': '90',
      })
      clock.advance(1500)
      expect(limitHeaders(await site.get())).toMatchObject({
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': `${START + 92}`,
      })
      clock.advance(1500)
      expect(limitHeaders(await site.get())).toEqual({
        'x-ratelimit-limit': '2',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': `${START + 90}`,
        'x-ratelimit-window': '90',
        'retry-after': '87',
        'cache-control': 'no-store',
      })
    })

    it('speak the IETF draft as structured fields', async () => {
      const { limits, clock } = underClock(harness, { headers: ['ratelimit'] })
      const limit = limits({
        policies: {
          burst: tokenBucket({ limit: 10, window: '1s', burst: 20 }),
          day: quota({ limit: 2, period: 'day', unit: 'tokens' }),
        },
      })
      const site = await serve(harness, { use: [limit] })
      const first = await site.get()
      expect(limitHeaders(first)).toEqual({
        'ratelimit-policy': '"burst";q=20;w=2, "day";q=2;qu="tokens";w=86400',
        ratelimit: '"burst";r=19;t=1, "day";r=1;t=86400',
      })
      expect(list(first.headers['ratelimit-policy'])).toEqual({
        burst: { q: 20, w: 2 },
        day: { q: 2, qu: 'tokens', w: 86_400 },
      })
      clock.advance(3_600_500)
      await site.get()
      const refused = await site.get()
      expect(refused.status).toBe(429)
      expect(list(refused.headers['ratelimit'])).toEqual({ burst: { r: 19, t: 1 }, day: { r: 0, t: 82_800 } })
      expect(refused.headers['retry-after']).toBe('82800')
    })

    it('speak draft 7', async () => {
      const { limits, clock } = underClock(harness, { headers: ['ratelimit-7'] })
      const site = await serve(harness, { use: [limits({ limit: 1, window: '1m' })] })
      expect(limitHeaders(await site.get())).toEqual({
        'ratelimit-policy': '1;w=60',
        ratelimit: 'limit=1, remaining=0, reset=60',
      })
      clock.advance(20_001)
      expect(limitHeaders(await site.get())).toEqual({
        'ratelimit-policy': '1;w=60',
        ratelimit: 'limit=1, remaining=0, reset=40',
        'retry-after': '40',
        'cache-control': 'no-store',
      })
    })

    it('speak draft 6, beside another dialect', async () => {
      const { limits } = underClock(harness, { headers: ['ratelimit-6', 'x-ratelimit'] })
      const site = await serve(harness, { use: [limits({ limit: 3, window: '1h' })] })
      expect(limitHeaders(await site.get())).toEqual({
        'ratelimit-policy': '3;w=3600',
        'ratelimit-limit': '3',
        'ratelimit-remaining': '2',
        'ratelimit-reset': '3600',
        'x-ratelimit-limit': '3',
        'x-ratelimit-remaining': '2',
        'x-ratelimit-reset': `${START + 3600}`,
        'x-ratelimit-window': '3600',
      })
    })

    it('are left out on request, but for Retry-After and Cache-Control on a refusal', async () => {
      const { limits } = underClock(harness, { headers: [] })
      const site = await serve(harness, { use: [limits({ limit: 1, window: '1m' })] })
      expect(limitHeaders(await site.get())).toEqual({})
      expect(limitHeaders(await site.get())).toEqual({ 'retry-after': '60', 'cache-control': 'no-store' })
    })

    it('speak a dialect of your own', async () => {
      const { limits } = underClock(harness)
      const limit = limits({
        policies: {
          user: slidingWindow({ limit: 9, window: '1m' }),
          tenant: slidingWindow({ limit: 5, window: '1m' }),
        },
        headers: [
          (decision, all) => ({
            'X-RateLimit-Used': `${decision.policy} ${decision.used} of ${decision.limit}`,
            'X-RateLimit-All': all.map(({ policies }) => Object.keys(policies).join('+')).join(),
          }),
        ],
      })
      const site = await serve(harness, { use: [limit] })
      expect(limitHeaders(await site.get())).toEqual({
        'x-ratelimit-used': 'tenant 1 of 5',
        'x-ratelimit-all': 'user+tenant',
      })
    })

    it('leave the type of a refusal to its body, whatever a dialect says', async () => {
      const { limits } = underClock(harness, {
        headers: [() => ({ 'CONTENT-TYPE': 'text/mine', 'X-Mine': '1' })],
      })
      const site = await serve(harness, { use: [limits({ limit: 1, window: '1m' })] })
      await site.get()
      const refused = await site.get()
      expect(refused.headers['content-type']).toBe('application/problem+json')
      expect(refused.headers['x-mine']).toBe('1')
    })

    it('tell of a hidden policy when it refuses, of a shadow one never', async () => {
      const { limits } = underClock(harness, { headers: ['x-ratelimit', 'ratelimit'] })
      const limit = limits({
        policies: {
          gateway: slidingWindow({ limit: 2, window: '1m', hidden: true, code: 'THROTTLED' }),
          trial: slidingWindow({ limit: 1, window: '1m', shadow: true }),
          user: slidingWindow({ limit: 5, window: '1m' }),
        },
      })
      const site = await serve(harness, { use: [limit] })
      for (const left of [4, 3]) {
        const reply = await site.get()
        expect(reply.headers['x-ratelimit-limit']).toBe('5')
        expect(list(reply.headers['ratelimit'])).toEqual({ user: { r: left, t: 60 } })
        expect(list(reply.headers['ratelimit-policy'])).toEqual({ user: { q: 5, w: 60 } })
      }
      const refused = await site.get()
      expect(refused.headers['x-ratelimit-limit']).toBe('2')
      expect(list(refused.headers['ratelimit'])).toEqual({ gateway: { r: 0, t: 60 }, user: { r: 3, t: 60 } })
      const body = JSON.parse(refused.text)
      expect(body).toMatchObject({ code: 'THROTTLED', 'violated-policies': ['gateway'] })
    })

    it('are none when every policy is hidden or a shadow', async () => {
      const { limits } = underClock(harness, { headers: ['x-ratelimit', 'ratelimit'] })
      const shadow = slidingWindow({ limit: 1, window: '1m', shadow: true })
      const hidden = slidingWindow({ limit: 9, window: '1m', hidden: true })
      const site = await serve(harness, { use: [limits({ policies: { shadow, hidden } })] })
      for (let i = 0; i < 3; i++) {
        const reply = await site.get()
        expect(reply.status).toBe(200)
        expect(limitHeaders(reply)).toEqual({})
      }
    })

    it('say Retry-After in whole seconds, rounded up, never 0', async () => {
      const { limits, clock } = underClock(harness)
      const site = await serve(harness, { use: [limits({ limit: 1, window: '3s' })] })
      await site.get()
      const waits: unknown[] = []
      for (const at of [0, 1, 1000, 1999, 2000, 2001, 2999]) {
        clock.advance(NOW + at - clock())
        waits.push((await site.get()).headers['retry-after'])
      }
      expect(waits).toEqual(['3', '3', '2', '2', '1', '1', '1'])
    })

    it('say no Retry-After on an answer that is no refusal', async () => {
      const { limits } = underClock(harness)
      const site = await serve(harness, { use: [limits({ limit: 9, window: '1m' })] })
      for (const path of ['/', '/fails', '/throws', '/nowhere']) {
        const { 'retry-after': wait, 'cache-control': cache } = (await site.get(path)).headers
        expect([wait, cache], path).toEqual([undefined, undefined])
      }
    })

    it('never show a key, nor does a body', async () => {
      const { limits } = underClock(harness, {
        headers: ['x-ratelimit', 'ratelimit'],
        key: harness.extractors.firstOf(harness.extractors.byHeader('x-user'), everyone()),
      })
      for (const body of ['problem', 'json'] as const) {
        const site = await serve(harness, { use: [limits({ limit: 1, window: '1m', body })] })
        for (const status of [200, 429]) {
          const reply = await site.get('/', { 'x-user': 'ann@example.org' })
          expect(reply.status).toBe(status)
          expect(JSON.stringify(reply)).not.toContain('ann@')
        }
      }
    })
  })
}
