import {
  clockAt,
  commandsWork,
  json,
  onEachStore,
  open,
  patient,
  readme,
} from '@spillway/example-kit/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { createApp } from './app.js'

const ADA = { Authorization: 'Bearer user:ada', 'X-Request-Id': 'r1' }
const BOB = { Authorization: 'Bearer user:bob', 'X-Request-Id': 'r1' }
const CI = { Authorization: 'Bearer service:ada', 'X-Request-Id': 'r1' }
const NOBODY = { 'X-Request-Id': 'r1' }

/** 18 s before the minute 1772366460. */
const START = '2026-03-01T12:00:42.000Z'
const MINUTE = 1772366460

onEachStore((newStore) => {
  const clock = clockAt(START)
  beforeEach(() => clock.advance(Date.parse(START) - clock()))
  const start = () => open(createApp({ store: newStore(), clock, ...patient }))

  describe('a user', () => {
    it.each([
      ['GET /records', 300],
      ['PUT /records', 300],
      ['POST /records', 60],
      ['PATCH /records', 60],
      ['DELETE /records', 60],
      ['GET /search', 120],
      ['POST /search', 120],
      ['GET /ai/x', 60],
      ['POST /ai/x', 60],
      ['GET /bulk/x', 10],
      ['DELETE /bulk/x', 10],
    ])('has for %s %i a minute, and a service account ten times as much', async (request, limit) => {
      const site = await start()
      const body = request.includes('/ai/') ? { task: 'x', text: 'Forty-two.' } : { done: request }
      expect(await site.ask(request, ADA)).toEqual(json(200, shows(limit, limit - 1, MINUTE), body))
      const tenfold = limit * 10
      expect(await site.ask(request, CI)).toEqual(json(200, shows(tenfold, tenfold - 1, MINUTE), body))
    })

    it('is refused beyond it until the whole minute, alone, and in this class alone', async () => {
      const site = await start()
      expect(await site.times(10, 'POST /bulk/x', ADA)).toEqual({ 200: 10 })
      const message = 'The limit "bulk" of 10 requests per minute is used up. Try again in 18 seconds.'
      const resetTime = '2026-03-01T12:01:00.000Z'
      const refusal = (error: string, retryAfter: number) =>
        json(429, refuses(10, MINUTE, 60, retryAfter), {
          error,
          code: 'RATE_LIMIT_EXCEEDED',
          requestId: 'r1',
          details: { policy: 'bulk', limit: 10, remaining: 0, resetTime, retryAfter },
        })
      expect(await site.ask('POST /bulk/x', ADA)).toEqual(refusal(message, 18))
      expect(await site.ask('POST /records', ADA)).toEqual(
        json(200, shows(60, 59, MINUTE), { done: 'POST /records' }),
      )
      expect(await site.ask('POST /bulk/x', BOB)).toEqual(
        json(200, shows(10, 9, MINUTE), { done: 'POST /bulk/x' }),
      )

      clock.advance(17_999)
      expect(await site.ask('POST /bulk/x', ADA)).toEqual(refusal(message.replace('18 seconds', '1 ms'), 1))
      clock.advance(1)
      expect(await site.ask('POST /bulk/x', ADA)).toEqual(
        json(200, shows(10, 9, MINUTE + 60), { done: 'POST /bulk/x' }),
      )
    })

    it('cannot leave a class by writing its path in another way', async () => {
      const site = await start()
      expect((await site.ask('POST /search/', ADA)).headers).toEqual(shows(120, 119, MINUTE))
      expect(await site.ask('POST /BULK/x', ADA)).toEqual(
        json(404, shows(60, 59, MINUTE), {
          error: 'There is no /BULK/x.',
          code: 'NOT_FOUND',
          requestId: 'r1',
          details: {},
        }),
      )
    })

    it('sees the limit on every answer, that to a broken path too', async () => {
      const site = await start()
      expect(await site.ask('GET /ai/%', ADA)).toEqual(
        json(400, shows(60, 59, MINUTE), {
          error: 'Bad Request',
          code: 'BAD_REQUEST',
          requestId: 'r1',
          details: {},
        }),
      )
    })

    it('is told of a model that throttles us by 503', async () => {
      const site = await start()
      expect(await site.ask('POST /ai/busy', ADA)).toEqual(
        json(503, shows(60, 59, MINUTE), {
          error: 'The model does not answer.',
          code: 'AI_MODEL_ERROR',
          requestId: 'r1',
          details: {},
        }),
      )
    })
  })

  describe('who has no token', () => {
    it('is answered 401, showing what the gateway counted', async () => {
      const site = await start()
      const next = 1772366443
      expect(await site.ask('POST /bulk/x', NOBODY)).toEqual(
        json(401, shows(5000, 4999, next, 1), {
          error: 'This API needs a token.',
          code: 'TOKEN_MISSING',
          requestId: 'r1',
          details: { expected: 'Authorization: Bearer user:NAME' },
        }),
      )
      const expired = { ...NOBODY, Authorization: 'Bearer service:ada@1772366442' }
      expect(await site.ask('GET /records', expired)).toEqual(
        json(401, shows(5000, 4998, next, 1), {
          error: 'This token has expired.',
          code: 'TOKEN_EXPIRED',
          requestId: 'r1',
          details: { expiredAt: '2026-03-01T12:00:42.000Z' },
        }),
      )
      expect(await site.ask('GET /records', { ...NOBODY, Authorization: 'Bearer admin:ada' })).toEqual(
        json(401, shows(5000, 4997, next, 1), {
          error: 'Nobody issued this token.',
          code: 'TOKEN_INVALID',
          requestId: 'r1',
          details: { expected: 'Authorization: Bearer user:NAME' },
        }),
      )
      const valid = { ...NOBODY, Authorization: 'Bearer service:ada@1772366443' }
      expect((await site.ask('GET /records', valid)).headers).toEqual(shows(3000, 2999, MINUTE))
    })
  })

  describe('the gateway', () => {
    it('takes 5,000 at once of everyone together, then 5 more each millisecond', async () => {
      const site = await start()
      expect(await site.times(10, 'POST /bulk/x', ADA)).toEqual({ 200: 10 })
      // What a user's limit refuses is charged to nobody.
      expect(await site.times(10, 'POST /bulk/x', ADA)).toEqual({ 429: 10 })
      expect(await site.times(4990, 'GET /records', NOBODY)).toEqual({ 401: 4990 })

      const refusal = json(429, refuses(5000, 1772366443, 1, 1), {
        error: 'The limit "gateway" of 5000 requests per second is used up. Try again in 1 ms.',
        code: 'THROTTLED',
        requestId: 'r1',
        details: {
          policy: 'gateway',
          limit: 5000,
          remaining: 0,
          resetTime: '2026-03-01T12:00:42.001Z',
          retryAfter: 1,
        },
      })
      expect(await site.ask('GET /records', NOBODY)).toEqual(refusal)
      expect(await site.ask('GET /records', BOB)).toEqual(refusal)

      clock.advance(1)
      expect(await site.ask('GET /records', BOB)).toEqual(
        json(200, shows(300, 299, MINUTE), { done: 'GET /records' }),
      )
      expect(await site.times(5, 'GET /records', CI)).toEqual({ 200: 4, 429: 1 })
    })
  })
})

commandsWork(import.meta.dirname, (url) => fetch(`${url}/records`, { headers: ADA }))

it('has the configuration that its README shows', () => {
  const { source, blocks } = readme(import.meta.dirname)
  expect(blocks).not.toEqual([])
  for (const block of blocks) expect(source).toContain(block)
})

it('makes a request id where none came, or one that is not sane', async () => {
  const site = await open(createApp())
  const [one, other] = await Promise.all([site.ask('GET /records'), site.ask('GET /records')])
  const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(one.body).toMatchObject({ requestId: uuid })
  expect(other.body).not.toEqual(one.body)
  for (const id of ['<b>', '', 'a'.repeat(129)])
    expect((await site.ask('GET /records', { 'X-Request-Id': id })).body).toMatchObject({ requestId: uuid })
  // By the library's rule, as in the bodies of its refusals.
  const id = 'urn:uuid:1/2+3='
  expect((await site.ask('GET /records', { 'X-Request-Id': id })).body).toMatchObject({ requestId: id })
})

function shows(limit: number, remaining: number, reset: number, window = 60) {
  return {
    'content-type': 'application/json; charset=utf-8',
    'x-ratelimit-limit': `${limit}`,
    'x-ratelimit-remaining': `${remaining}`,
    'x-ratelimit-reset': `${reset}`,
    'x-ratelimit-window': `${window}`,
  }
}

function refuses(limit: number, reset: number, window: number, retryAfter: number) {
  return {
    ...shows(limit, 0, reset, window),
    'content-type': 'application/json',
    'retry-after': `${retryAfter}`,
    'cache-control': 'no-store',
  }
}
