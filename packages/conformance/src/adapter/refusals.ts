import { createHash } from 'node:crypto'
import { quota, slidingWindow } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import type { Harness, Options } from './harness.js'
import { limitHeaders, NOW, type Reply, serve, underClock } from './site.js'

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

export function refusals<R>(harness: Harness<R>): void {
  /** What the second request under a limit of 1 gets. */
  async function refusal(options: Partial<Options<R>>, headers?: Record<string, string>): Promise<Reply> {
    const { limits } = underClock(harness)
    const form = options.policy || options.policies ? {} : { limit: 1, window: '90s' as const }
    const site = await serve(harness, { use: [limits({ name: 'user', ...form, ...options })] })
    expect((await site.get('/', headers)).status).toBe(200)
    return site.get('/', headers)
  }

  describe('refusals', () => {
    it('are problem details unless told otherwise', async () => {
      const reply = await refusal({}, { 'X-Request-Id': 'a-b.c:1' })
      expect(reply.status).toBe(429)
      expect(reply.headers['content-type']).toBe('application/problem+json')
      expect(JSON.parse(reply.text)).toEqual({
        type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
        title: 'Request cannot be satisfied as assigned quota has been exceeded',
        status: 429,
        detail: 'The limit "user" of 1 request per 90 seconds is used up. Try again in 90 seconds.',
        'violated-policies': ['user'],
        code: 'RATE_LIMIT_EXCEEDED',
        retryAfter: 90,
        requestId: 'a-b.c:1',
      })
    })

    it('are a flat JSON error on request', async () => {
      const reply = await refusal({ body: 'json' }, { 'X-Request-Id': 'abc' })
      expect(reply.status).toBe(429)
      expect(reply.headers['content-type']).toBe('application/json')
      expect(JSON.parse(reply.text)).toEqual({
        error: 'The limit "user" of 1 request per 90 seconds is used up. Try again in 90 seconds.',
        code: 'RATE_LIMIT_EXCEEDED',
        requestId: 'abc',
        details: {
          policy: 'user',
          limit: 1,
          remaining: 0,
          resetTime: new Date(NOW + 90_000).toISOString(),
          retryAfter: 90,
        },
      })
    })

    it.each([
      ['absent', undefined],
      ['with a space', 'a b'],
      ['with markup', '<script>'],
      ['too long', 'a'.repeat(129)],
      ['empty', ''],
    ])('get a request id of their own when the incoming one is %s', async (_, id) => {
      for (const body of ['problem', 'json'] as const) {
        const reply = await refusal({ body }, id === undefined ? {} : { 'X-Request-Id': id })
        expect(JSON.parse(reply.text).requestId).toMatch(UUID)
      }
    })

    it('have a body that a function makes of the decision and the request', async () => {
      const text = await refusal({ body: (decision) => `${decision.policy}: ${decision.retryAfterMs} ms` })
      expect(text.text).toBe('user: 90000 ms')
      expect(text.headers['content-type']).toBe('text/plain; charset=utf-8')

      const object = await refusal(
        { body: (decision, req) => ({ used: decision.used, who: harness.header(req, 'x-user') }) },
        { 'x-user': 'ann' },
      )
      expect(JSON.parse(object.text)).toEqual({ used: 1, who: 'ann' })
      expect(object.headers['content-type']).toBe('application/json')

      const later = await refusal({ body: async () => ({ later: true }) })
      expect(JSON.parse(later.text)).toEqual({ later: true })
    })

    it('arrive whole, whatever letters they have', async () => {
      const body = 'Zu viele Anfragen – bitte wärten 🐢'.repeat(1000)
      const sum = (text: string) => createHash('sha256').update(text).digest('hex')
      expect(sum((await refusal({ body: () => body })).text)).toBe(sum(body))
    })

    it('have the status of their code, or yours', async () => {
      const daily = quota({ limit: 1, period: 'day' })
      expect((await refusal({ policy: daily })).status).toBe(429)
      const forbidden = await refusal({ policy: daily, status: { QUOTA_EXCEEDED: 403 } })
      expect(forbidden.status).toBe(403)
      expect(forbidden.headers['retry-after']).toBe('86400')
      expect(JSON.parse(forbidden.text)).toMatchObject({ status: 403, code: 'QUOTA_EXCEEDED' })
      expect((await refusal({ status: { QUOTA_EXCEEDED: 403 } })).status).toBe(429)
    })

    it('name the policy with the longest wait, and list all that were violated', async () => {
      const minute = slidingWindow({ limit: 1, window: '1m' })
      const hour = slidingWindow({ limit: 1, window: '1h' })
      const wide = slidingWindow({ limit: 9, window: '1d' })
      const reply = await refusal({ policies: { minute, hour, wide }, name: 'user' })
      const body = JSON.parse(reply.text)
      expect(body['violated-policies']).toEqual(['minute', 'hour'])
      expect(body.detail).toBe('The limit "hour" of 1 request per hour is used up. Try again in 1 hour.')
      expect(reply.headers['retry-after']).toBe('3600')
    })

    it('are answered by onRefuse, with status and limit headers set already', async () => {
      const json = await refusal({ onRefuse: harness.onRefuse.json, status: { RATE_LIMIT_EXCEEDED: 420 } })
      expect(json.status).toBe(420)
      expect(JSON.parse(json.text)).toEqual({ mine: 'user' })
      expect(json.headers['content-type']).toMatch(/^application\/json/)
      expect(limitHeaders(json)).toEqual({
        'x-ratelimit-limit': '1',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': `${NOW / 1000 + 90}`,
        'x-ratelimit-window': '90',
        'retry-after': '90',
        'cache-control': 'no-store',
      })
    })

    it('redirect by onRefuse without a trace of problem+json', async () => {
      const redirect = await refusal({ onRefuse: harness.onRefuse.redirect })
      expect(redirect.status).toBe(302)
      expect(redirect.headers['location']).toBe('/login')
      expect(redirect.headers['content-type'] ?? '').not.toContain('problem')
      expect(redirect.text).not.toContain('quota-exceeded')
      expect(redirect.headers['x-ratelimit-remaining']).toBe('0')
    })

    it('are let through by onRefuse when it says so', async () => {
      const passed = await refusal({ onRefuse: harness.onRefuse.next })
      expect(passed.text).toBe('ok')
      expect(passed.headers['x-ratelimit-remaining']).toBe('0')
    })

    it('fail when onRefuse does', async () => {
      const failed = await refusal({ onRefuse: harness.onRefuse.throws })
      expect(failed.status).toBeGreaterThanOrEqual(400)
      expect(failed.text).not.toBe('ok')
    })

    it('are only reported under shadow', async () => {
      const { limits } = underClock(harness)
      const codes: string[] = []
      const limit = limits({
        limit: 1,
        window: '1m',
        shadow: true,
        onDecision: ({ code }) => codes.push(code),
      })
      const seen: unknown[] = []
      const handler = (req: R) => {
        seen.push(harness.seen(req)?.allowed, limit.decision(req)?.allowed)
        return { body: 'ok' }
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/seen', handler }] })
      for (let i = 0; i < 2; i++) {
        const reply = await site.get('/seen')
        expect(reply.status).toBe(200)
        expect(limitHeaders(reply)).toEqual({})
      }
      expect(codes).toEqual(['OK', 'RATE_LIMIT_EXCEEDED'])
      expect(seen).toEqual([true, true, false, false])
    })
  })
}
