import { SpillwayError, type SpillwayErrorCode, slidingWindow } from '@spillway/core'
import { describe, expect, it, vi } from 'vitest'
import { type Harness, itUnless, type Middleware, type Options } from './harness.js'
import { limitHeaders, serve, underClock } from './site.js'

/** Misuse that only a request can show: the framework's error path, nothing charged, nobody let through. */
export function errors<R>(harness: Harness<R>): void {
  const { allOf, everyone, firstOf } = harness.extractors
  const fail = (): never => {
    throw new Error('mine')
  }
  const rule = (rest: object) => ({
    policies: { rule: { policy: slidingWindow({ limit: 9, window: '1m' }), ...rest } },
  })
  const window = (limit: unknown) =>
    ({ limit: (async () => limit) as () => Promise<number>, window: '1m' }) as const
  const thenable = {
    // biome-ignore lint/suspicious/noThenProperty: query builders are promises of this kind
    then: (_: unknown, reject: (error: Error) => void) => reject(new Error('mine')),
  } as unknown as Promise<string>

  const cases: [what: string, code: SpillwayErrorCode, options: Partial<Options<R>>][] = [
    ['a key that throws', 'CALLBACK_FAILED', { key: fail }],
    ['a key that rejects', 'CALLBACK_FAILED', { key: () => Promise.reject(new Error('mine')) }],
    ['a key that rejects with no error', 'CALLBACK_FAILED', { key: () => Promise.reject('mine') }],
    ['a key from a thenable that rejects', 'CALLBACK_FAILED', { key: () => thenable }],
    ['an empty key', 'KEY_INVALID', { key: () => '' }],
    ['an empty key, later', 'KEY_INVALID', { key: async () => '' }],
    ['no key', 'KEY_INVALID', { key: (() => undefined) as unknown as () => string }],
    ['a number for a key', 'KEY_INVALID', { key: (() => 42) as unknown as () => string }],
    [
      'firstOf whose last finds nothing',
      'KEY_INVALID',
      { key: firstOf(() => undefined, (() => null) as unknown as () => string) },
    ],
    ['firstOf whose first is empty', 'KEY_INVALID', { key: firstOf(() => '', everyone()) }],
    [
      'firstOf whose first rejects',
      'CALLBACK_FAILED',
      { key: firstOf(() => Promise.reject(new Error('mine')), everyone()) },
    ],
    ['allOf with an empty one', 'KEY_INVALID', { key: allOf(everyone(), () => '') }],
    [
      'allOf where one rejects and one throws',
      'CALLBACK_FAILED',
      { key: allOf(() => Promise.reject(new Error('mine')), fail) },
    ],
    ['`skip` that throws', 'CALLBACK_FAILED', { skip: fail }],
    ['`skip` that rejects', 'CALLBACK_FAILED', { skip: () => Promise.reject(new Error('mine')) }],
    ['`when` that throws', 'CALLBACK_FAILED', rule({ when: fail })],
    ['a limit that throws', 'CALLBACK_FAILED', { limit: fail, window: '1m' }],
    ['a limit that is NaN', 'LIMIT_INVALID', window(Number.NaN)],
    ['a negative limit', 'LIMIT_INVALID', window(-1)],
    ['a limit in words', 'LIMIT_INVALID', window('9')],
    ['a limit of half a request', 'LIMIT_INVALID', window(0.5)],
    ['no limit, where the policy has none', 'LIMIT_INVALID', window(undefined)],
    ["a rule's limit in words", 'LIMIT_INVALID', rule({ limit: () => '9' })],
    ['a limit beyond 2^52', 'LIMIT_TOO_LARGE', rule({ limit: () => 2 ** 53 })],
    ['a cost that throws', 'CALLBACK_FAILED', { cost: fail }],
    ['a negative cost', 'COST_INVALID', { cost: () => -1 }],
    ['a cost of half a unit', 'COST_INVALID', { cost: async () => 0.5 }],
    ['a cost that is NaN', 'COST_INVALID', rule({ cost: () => Number.NaN })],
    ['a cost in words', 'COST_INVALID', { cost: (() => '2') as unknown as () => number }],
  ]

  describe('errors', () => {
    it.each(cases)('%s is %s on the error path', async (_, code, options) => {
      const { limits } = underClock(harness, { refund: 'failed' })
      const form = options.limit || options.policies ? {} : ({ limit: 9, window: '1m' } as const)
      const [seen, decisions]: [unknown[], unknown[]] = [[], []]
      const limit = limits({ ...form, ...options, onDecision: (decision) => decisions.push(decision) })
      const handler = () => ({ body: 'let through' })
      const onError = (error: unknown) => seen.push(error)
      const site = await serve(harness, { use: [limit], routes: [{ path: '/seen', handler }], onError })

      const reply = await site.get('/seen')
      expect(reply.status).toBe(500)
      expect(JSON.parse(reply.text)).toEqual({ own: code })
      expect(limitHeaders(reply)).toEqual({})
      expect(seen).toHaveLength(1)
      expect(seen[0]).toBeInstanceOf(SpillwayError)
      await site.idle()
      expect(decisions).toEqual([])
    })

    it("are the framework's own 500 without a handler of yours, and tell the client nothing", async () => {
      vi.stubEnv('NODE_ENV', 'production')
      const limit = harness.createRateLimit()({ limit: 9, window: '1m', key: fail })
      const site = await serve(harness, { use: [limit] })
      const reply = await site.get()
      vi.unstubAllEnvs()
      expect(reply.status).toBe(500)
      expect(reply.text).not.toContain('mine')
      expect(reply.text).not.toBe('ok')
    })

    it('charge no policy, and the next request is decided as ever', async () => {
      const { limits } = underClock(harness)
      const key = (req: R) => harness.header(req, 'x-user') ?? ''
      const sound = slidingWindow({ limit: 2, window: '1m' })
      const limit = limits({
        policies: { sound: { policy: sound, key: everyone() }, strict: { policy: sound, key } },
      })
      const site = await serve(harness, { use: [limit] })
      for (let i = 0; i < 3; i++) expect((await site.get()).status).toBe(500)
      const reply = await site.get('/', { 'x-user': 'ann' })
      expect(reply.status).toBe(200)
      expect(reply.headers['x-ratelimit-remaining']).toBe('1')
    })

    it('leave no rejection unhandled when several callbacks fail at once', async () => {
      const rejects = () => Promise.reject(new Error('the database is gone'))
      const { limits } = underClock(harness)
      const policy = slidingWindow({ limit: 9, window: '1m' })
      const unhandled: unknown[] = []
      const listener = (error: unknown) => unhandled.push(error)
      process.on('unhandledRejection', listener)
      try {
        for (const policies of [
          { a: { policy, key: rejects, cost: rejects, limit: rejects } },
          { a: { policy, key: rejects }, b: { policy, key: fail } },
          { a: { policy, cost: rejects }, b: { policy, key: () => '' } },
          { a: { policy, when: rejects }, b: { policy, when: fail } },
          { a: { policy, limit: rejects, key: () => '' } },
        ]) {
          const site = await serve(harness, { use: [limits({ policies })] })
          expect((await site.get()).status).toBe(500)
          await site.idle()
        }
      } finally {
        process.off('unhandledRejection', listener)
      }
      expect(unhandled).toEqual([])
    })

    it('of a body are errors of the request', async () => {
      for (const body of [fail, () => Promise.reject(new Error('mine'))]) {
        const { limits } = underClock(harness)
        const site = await serve(harness, {
          use: [limits({ limit: 1, window: '1m', body })],
          onError: () => {},
        })
        await site.get()
        const reply = await site.get()
        expect(reply.status).toBe(500)
        expect(JSON.parse(reply.text)).toEqual({ own: 'CALLBACK_FAILED' })
      }
    })

    it.each([
      ['throws', fail],
      ['rejects', () => Promise.reject(new Error('mine'))],
    ])('of onDecision are reported, and the decision stands: it %s', async (_, onDecision) => {
      const { limits } = underClock(harness)
      const site = await serve(harness, { use: [limits({ limit: 1, window: '1m', onDecision })] })
      expect((await site.get()).status).toBe(200)
      expect((await site.get()).status).toBe(429)
      await site.idle()
      expect(console.error).toHaveBeenCalledTimes(2)
      expect(console.error).toHaveBeenCalledWith(expect.stringContaining('onDecision'), new Error('mine'))
    })
  })

  describe('createRateLimit', () => {
    it('refuses at once what a limiter of its own takes', () => {
      const error = expect.objectContaining({ code: 'OPTION_UNKNOWN' })
      expect(() => harness.createRateLimit({ limit: 9, window: '1m' })).toThrow(error)
    })

    it('says on the error path that what it returned was not called', async () => {
      const seen: unknown[] = []
      const limits = harness.createRateLimit({ headers: [] }) as unknown as Middleware<R>
      const site = await serve(harness, { use: [limits], onError: (error) => seen.push(error) })
      expect((await site.get()).status).toBe(500)
      expect(seen).toEqual([expect.objectContaining({ code: 'OPTION_INVALID' })])
    })
  })

  describe("errors: 'throw'", () => {
    const throws = { limit: 1, window: '1m', name: 'user', errors: 'throw' } as const
    const expected = {
      'x-ratelimit-limit': '1',
      'x-ratelimit-remaining': '0',
      'retry-after': '60',
      'cache-control': 'no-store',
    }

    itUnless(harness.exempt.throws)("throws the framework's HTTP error, headers and all", async () => {
      const { limits } = underClock(harness)
      const site = await serve(harness, { use: [limits(throws)] })
      expect((await site.get()).status).toBe(200)
      const reply = await site.get()
      expect(reply.status).toBe(429)
      expect(limitHeaders(reply)).toMatchObject(expected)
    })

    itUnless(harness.exempt.throws)(
      "keeps the headers where the app's own error handler answers",
      async () => {
        const { limits } = underClock(harness)
        const seen: unknown[] = []
        const onError = (error: unknown) => seen.push(error)
        const site = await serve(harness, { use: [limits(throws)], onError })
        await site.get()
        const reply = await site.get()
        expect(reply.status).toBe(429)
        expect(reply.text).toMatch(/^{/)
        expect(reply.headers['content-type']).toMatch(/^application\/json/)
        expect(limitHeaders(reply)).toMatchObject(expected)
        expect(seen).toEqual([expect.objectContaining({ status: 429 })])
      },
    )

    itUnless(harness.exempt.throws)(
      'keeps the headers of all limiters, and the charge of the outer one',
      async () => {
        const { limits } = underClock(harness, { headers: ['ratelimit'] })
        const outer = limits({ limit: 9, window: '1m', name: 'outer', refund: 'failed' })
        const routes = [{ path: '/inner', limits: [limits(throws)], handler: () => ({ body: 'ok' }) }]
        for (const app of [{}, { onError: () => {} }]) {
          await outer.limiter.reset('127.0.0.1')
          const site = await serve(harness, { ...app, use: [outer], routes })
          await site.get('/inner')
          const reply = await site.get('/inner')
          expect(reply.status).toBe(429)
          expect(reply.headers['ratelimit']).toMatch(/^"outer";r=\d;t=60, "user";r=0;t=60$/)
          expect(reply.headers['retry-after']).toBe('60')
          await site.idle()
          expect((await outer.limiter.peek('127.0.0.1', { cost: 0 })).used).toBeGreaterThan(0)
        }
      },
    )

    if (harness.exempt.throws !== undefined) {
      it('is no option', () => {
        const error = expect.objectContaining({ code: 'OPTION_UNKNOWN' })
        expect(() => harness.createRateLimit()(throws)).toThrow(error)
      })
    }
  })
}
