import { getRequestListener } from '@hono/node-server'
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
import { createApp, createLimit } from './app.js'
import { ANN, ANSWERS, invalid, KEYED, listed, QUESTIONS, START, throttled } from './testing/expected.js'

onEachStore((newStore) => {
  const clock = clockAt(START)
  beforeEach(() => clock.advance(Date.parse(START) - clock()))
  const start = (store = newStore()) =>
    open(getRequestListener(createApp({ store, clock, ...patient }).fetch))

  it('is told as the story was: 301 calls with a key, one without, and then with it', async () => {
    const site = await start()
    for (let i = 0; i < 10; i++) {
      expect(await site.times(30, KEYED)).toEqual({ 200: 30 })
      clock.advance(1000)
    }
    clock.advance(10_000)
    expect(await site.ask(KEYED)).toEqual(listed(10_000, 9699))
    expect(await site.ask(QUESTIONS)).toEqual(listed(300, 299))
    expect(await site.ask(KEYED)).toEqual(listed(10_000, 9698))
  })

  describe('who is counted', () => {
    it('is the user with the app, else the key with the address, else the address', async () => {
      const site = await start()
      const left = async (query: string, max: number) => {
        const answer = await site.ask(`${QUESTIONS}?${query}`)
        const { quota_remaining } = answer.body as { quota_remaining: number }
        expect(answer).toEqual(listed(max, quota_remaining))
        return quota_remaining
      }
      expect(await left('', 300)).toBe(299)
      expect(await left('key=key-of-reader', 10_000)).toBe(9999)
      expect(await left('key=key-of-writer', 10_000)).toBe(9999)
      expect(await left('key=key-of-reader&access_token=ann.reader', 10_000)).toBe(9999)
      expect(await left('access_token=ann.reader', 10_000)).toBe(9998)
      expect(await left('access_token=bob.reader', 10_000)).toBe(9999)
      expect(await left('key=key-of-writer&access_token=ann.writer', 10_000)).toBe(9999)
      expect(await left('access_token=reader.reader@1772398801', 10_000)).toBe(9999)
      expect(await left('key=key-of-reader', 10_000)).toBe(9998)
      expect(await left('', 300)).toBe(298)
    })

    it('is nobody when the credentials are wrong: no pool is used', async () => {
      const site = await start()
      // Of this very second, and of 12 hours ago.
      for (const expires of [1772398800, 1772355600]) {
        expect(await site.ask(`${ANN}@${expires}`)).toEqual(invalid('expired'))
        expect(await site.ask(`${QUESTIONS}?access_token=ann.reader@${expires}`)).toEqual(invalid('expired'))
      }
      for (const token of ['', 'ann', 'ann.', 'ann.nobody', '.reader', 'ann.reader@', 'ann.reader@1e9']) {
        expect(await site.ask(`${KEYED}&access_token=${token}`)).toEqual(invalid('unknown'))
      }
      expect(await site.ask(`${QUESTIONS}?key=key-of-writer&access_token=ann.reader`)).toEqual(
        invalid('of another app'),
      )
      for (const key of ['', 'key', 'constructor']) {
        expect(await site.ask(`${QUESTIONS}?key=${key}`)).toEqual(
          invalid('unknown key', 400, 'bad_parameter'),
        )
      }
      expect(await site.ask(QUESTIONS)).toEqual(listed(300, 299))
      expect(await site.ask(KEYED)).toEqual(listed(10_000, 9999))
      expect(await site.ask(ANN)).toEqual(listed(10_000, 9999))
    })
  })

  describe('the day', () => {
    it('of an address has 300 requests, and its end is said', async () => {
      const site = await start()
      for (let i = 0; i < 10; i++) {
        expect(await site.times(30, QUESTIONS)).toEqual({ 200: 30 })
        clock.advance(1000)
      }
      expect(await site.ask(QUESTIONS)).toEqual(throttled(3 * 3600 - 10, 300))
      expect(await site.ask(ANSWERS)).toEqual(throttled(3 * 3600 - 10, 300))
      expect(await site.ask(`${ANSWERS}?key=key-of-reader`)).toMatchObject({
        body: { quota_remaining: 9999 },
      })
      clock.advance(3 * 3600_000 - 10_001)
      expect(await site.ask(QUESTIONS)).toEqual(throttled(1, 300))
      clock.advance(1)
      expect(await site.ask(QUESTIONS)).toEqual(listed(300, 299))
    })

    it.each([
      ['1:reader&127.0.0.1', KEYED],
      ['0:ann&reader', ANN],
    ])('of %s has 10,000', async (daily, request) => {
      const store = newStore()
      const site = await start(store)
      // The same name and policies on the same store are the same pool: a day's calls in one.
      const api = createLimit({ store, clock, ...patient })
      const nobody = { pace: null, questions: null, answers: null }
      expect((await api.limiter.consume({ ...nobody, daily }, { cost: 9999 })).allowed).toBe(true)
      expect(await site.ask(request)).toEqual(listed(10_000, 0))
      expect(await site.ask(request)).toEqual(throttled(3 * 3600, 10_000))
      expect(await site.ask(QUESTIONS)).toEqual(listed(300, 299))
      clock.advance(3 * 3600_000)
      expect(await site.ask(request)).toEqual(listed(10_000, 9999))
    })
  })

  describe('a route', () => {
    it('advises to back off from the 16th of 20 calls in 10 seconds on, each caller and route by itself', async () => {
      const site = await start()
      for (let i = 1; i <= 15; i++) expect(await site.ask(KEYED)).toEqual(listed(10_000, 10_000 - i))
      for (let i = 16; i <= 22; i++) {
        expect(await site.ask(KEYED)).toEqual(listed(10_000, 10_000 - i, 10))
        clock.advance(100)
      }
      expect(await site.ask(QUESTIONS)).toEqual(listed(300, 299))
      const { body } = await site.ask(`${ANSWERS}?key=key-of-reader`)
      expect(body).toEqual({
        items: [{ answer_id: 2 }],
        has_more: false,
        quota_max: 10_000,
        quota_remaining: 9977,
      })
      // Who does back off has all of it again.
      clock.advance(10_000)
      expect(await site.ask(KEYED)).toEqual(listed(10_000, 9976))
    })

    it('that there is not is an error that counts, and says so', async () => {
      const site = await start()
      for (const [request, left] of [
        ['GET /2.0/questions/', 299],
        ['POST /2.0/questions', 298],
        ['GET /', 297],
      ] as const) {
        const path = request.split(' ')[1]
        expect(await site.ask(request)).toMatchObject({
          status: 404,
          body: {
            error_id: 404,
            error_name: 'no_method',
            error_message: `no method at ${path}`,
            quota_max: 300,
            quota_remaining: left,
          },
        })
      }
      expect(await site.ask(QUESTIONS)).toEqual(listed(300, 296))
    })
  })
})

describe('two addresses', () => {
  const [one, other] = ['192.0.2.1', '192.0.2.2'] as const
  const start = () => {
    const app = createApp({ clock: () => Date.parse(START) })
    return async (address: string, query = '') => {
      const env = { incoming: { httpVersion: '1.1', socket: { remoteAddress: address } } }
      const answer = await app.request(`/2.0/questions?${query}`, {}, env)
      return ((await answer.json()) as { quota_remaining: number }).quota_remaining
    }
  }

  it('have each a day for a key, and one together for a token', async () => {
    const left = start()
    expect([await left(one), await left(other)]).toEqual([299, 299])
    expect([await left(one, 'key=key-of-reader'), await left(other, 'key=key-of-reader')]).toEqual([
      9999, 9999,
    ])
    const token = 'access_token=ann.reader'
    expect([await left(one, token), await left(other, token)]).toEqual([9999, 9998])
  })

  it('have each a pace', async () => {
    const left = start()
    const token = 'access_token=ann.reader'
    for (let i = 1; i <= 30; i++) expect(await left(one, token)).toBe(10_000 - i)
    expect([await left(one, token), await left(other, token)]).toEqual([0, 9969])
  })
})

describe('while the store does not answer', () => {
  const start = (fallback: 'allow' | 'deny' | 'local') => {
    const options = { store: deadStore(), clock: clockAt(START), onError() {}, fallback }
    return open(getRequestListener(createApp(options).fetch))
  }
  const type = { 'content-type': 'application/json' }

  it('a refusal is no throttle, and no body tells a quota', async () => {
    const body = { error_id: 503, error_name: 'temporarily_unavailable', error_message: 'try again shortly' }
    const refused = { ...type, 'retry-after': '1', 'cache-control': 'no-store' }
    expect(await (await start('deny')).ask(QUESTIONS)).toEqual(json(503, refused, body))
    const list = { items: [{ question_id: 1 }], has_more: false }
    expect(await (await start('allow')).ask(QUESTIONS)).toEqual(json(200, type, list))
  })

  it('/throttle says who counts', async () => {
    for (const [fallback, counted_by] of [
      ['local', 'local'],
      ['allow', 'fallback'],
    ] as const)
      expect((await (await start(fallback)).ask('GET /throttle')).body).toMatchObject({ counted_by })
    const { body } = await (await start('allow')).ask('GET /throttle')
    expect(body).not.toHaveProperty('quota_max')
  })
})

it('warns of who comes near the mark of a route', async () => {
  const told: object[] = []
  const site = await open(
    getRequestListener(
      createApp({ clock: clockAt(START), onWarn: (warning) => void told.push(warning) }).fetch,
    ),
  )
  expect(await site.times(15, KEYED)).toEqual({ 200: 15 })
  expect(told).toEqual([])
  expect(await site.times(4, KEYED)).toEqual({ 200: 4 })
  expect(told).toMatchObject([{ policy: 'questions', used: 16, limit: 20 }])
})

commandsWork(import.meta.dirname, (url) => fetch(`${url}/2.0/questions`), 503)

it('has the configuration that its README shows', () => {
  const { source, blocks } = readme(import.meta.dirname)
  expect(blocks).not.toEqual([])
  for (const block of blocks) expect(source).toContain(block)
})
