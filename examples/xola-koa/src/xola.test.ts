import {
  clockAt,
  commandsWork,
  deadStore,
  json,
  onEachStore,
  open,
  patient,
  readme,
} from '@spillway/example-kit/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { createApp } from './app.js'

/** The window that begins here ends at the resetTime of the API's sample. */
const START = '2021-02-01T16:03:17.579Z'
const RESET = 1612197197
const MINUTES = 60_000

const PATH = 'GET /api/experiences'
const BODY = { data: [{ id: 'kayak', name: 'Kayaking at dawn' }] }

onEachStore((newStore) => {
  const clock = clockAt(START)
  beforeEach(() => clock.advance(Date.parse(START) - clock()))
  const start = () => open(createApp({ store: newStore(), clock, ...patient }).callback())

  describe("the API's sample", () => {
    it('is reproduced to the byte', async () => {
      const site = await start()
      const ann = { 'X-User-Id': 'ann', 'X-Seller-Id': 'kayaks' }
      expect(await site.times(904, PATH, ann)).toEqual({ 200: 900, 429: 4 })
      clock.advance(30 * MINUTES - 296_000)
      const { status, headers, text } = await site.ask(PATH, ann)
      expect(status).toBe(429)
      expect(headers).toEqual({
        'content-type': 'application/json',
        'x-ratelimit-limit': '900',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': '1612197197',
        'retry-after': '296',
        'cache-control': 'no-store',
      })
      expect(text).toBe(
        '{"message":"Too many requests, please try again later.",' +
          '"rateLimit":{"limit":900,"current":905,"remaining":0,"resetTime":"2021-02-01T16:33:17.579Z"},' +
          '"retryInSeconds":296}',
      )
    })
  })

  describe('a window', () => {
    it("begins at a caller's first request, and ends 30 minutes later, however often the caller asks", async () => {
      const site = await start()
      const ann = { 'X-User-Id': 'ann' }
      expect(await site.ask(PATH, ann)).toEqual(json(200, shows(899, RESET), BODY))
      clock.advance(10 * MINUTES)
      expect(await site.ask(PATH, ann)).toEqual(json(200, shows(898, RESET), BODY))
      expect(await site.ask(PATH, { 'X-User-Id': 'bob' })).toEqual(json(200, shows(899, RESET + 600), BODY))
      expect(await site.ask('POST /api/orders', ann)).toEqual(json(201, shows(897, RESET), { id: 'order' }))

      expect(await site.times(897, PATH, ann)).toEqual({ 200: 897 })
      expect(await site.ask(PATH, ann)).toEqual(refusal(901, RESET, 1200))
      clock.advance(20 * MINUTES - 1)
      expect(await site.ask(PATH, ann)).toEqual(refusal(902, RESET, 1))
      clock.advance(1)
      expect(await site.ask(PATH, ann)).toEqual(json(200, shows(899, RESET + 1800), BODY))
    })

    it('says its end rounded down: at that second it still refuses, after Retry-After it does not', async () => {
      const site = await start()
      const ann = { 'X-User-Id': 'ann' }
      expect(await site.times(900, PATH, ann)).toEqual({ 200: 900 })
      clock.advance(RESET * 1000 - clock())
      expect(await site.ask(PATH, ann)).toEqual(refusal(901, RESET, 1))
      clock.advance(1000)
      expect((await site.ask(PATH, ann)).status).toBe(200)
    })
  })

  describe('who is counted', () => {
    it('is the user with the seller, else the user, else the address, each by itself', async () => {
      const site = await start()
      const left = async (headers: Record<string, string>) => {
        const answer = await site.ask(PATH, headers)
        const remaining = Number(answer.headers['x-ratelimit-remaining'])
        expect(answer).toEqual(json(200, shows(remaining, RESET), BODY))
        return remaining
      }
      expect(await left({ 'X-User-Id': 'ann', 'X-Seller-Id': 'kayaks' })).toBe(899)
      expect(await left({ 'X-User-Id': 'ann', 'X-Seller-Id': 'kayaks' })).toBe(898)
      expect(await left({ 'X-User-Id': 'ann', 'X-Seller-Id': 'canoes' })).toBe(899)
      expect(await left({ 'X-User-Id': 'bob', 'X-Seller-Id': 'kayaks' })).toBe(899)
      expect(await left({ 'X-User-Id': 'ann' })).toBe(899)
      expect(await left({ 'X-User-Id': 'ann&kayaks' })).toBe(899)
      expect(await left({ 'X-User-Id': '127.0.0.1' })).toBe(899)
      expect(await left({})).toBe(899)
      expect(await left({ 'X-Seller-Id': 'kayaks' })).toBe(898)
      expect(await left({ 'X-User-Id': '', 'X-Seller-Id': 'canoes' })).toBe(897)
    })

    it('is blocked as exactly that combination', async () => {
      const site = await start()
      const blocked = { 'X-User-Id': 'ann', 'X-Seller-Id': 'kayaks' }
      expect(await site.times(900, PATH, blocked)).toEqual({ 200: 900 })
      expect(await site.ask(PATH, blocked)).toEqual(refusal(901, RESET, 1800))
      const others = [
        { ...blocked, 'X-Seller-Id': 'canoes' },
        { 'X-User-Id': 'ann' },
        { 'X-Seller-Id': 'kayaks' },
      ]
      for (const other of others)
        expect(await site.ask(PATH, other)).toEqual(json(200, shows(899, RESET), BODY))
    })
  })
})

it('tells of no limit where nobody counts', async () => {
  const options = { store: deadStore(), fallback: 'deny', onError() {} } as const
  const site = await open(createApp(options).callback())
  const headers = { 'content-type': 'application/json', 'retry-after': '1', 'cache-control': 'no-store' }
  expect(await site.ask(PATH)).toEqual(
    json(503, headers, { message: 'Please try again later.', retryInSeconds: 1 }),
  )
})

commandsWork(import.meta.dirname, (url) => fetch(`${url}/api/experiences`))

it('has the configuration that its README shows', () => {
  const { source, blocks } = readme(import.meta.dirname)
  expect(blocks).not.toEqual([])
  for (const block of blocks) expect(source).toContain(block)
})

function shows(remaining: number, reset: number) {
  return {
    'content-type': 'application/json; charset=utf-8',
    'x-ratelimit-limit': '900',
    'x-ratelimit-remaining': `${remaining}`,
    'x-ratelimit-reset': `${reset}`,
  }
}

function refusal(current: number, reset: number, wait: number) {
  return json(
    429,
    {
      ...shows(0, reset),
      'content-type': 'application/json',
      'retry-after': `${wait}`,
      'cache-control': 'no-store',
    },
    {
      message: 'Too many requests, please try again later.',
      // Every window here began 579 ms after a whole second.
      rateLimit: { limit: 900, current, remaining: 0, resetTime: new Date(reset * 1000 + 579).toISOString() },
      retryInSeconds: wait,
    },
  )
}
