import { createHash } from 'node:crypto'
import { clockAt, commandsWork, deadStore, json, open, patient, readme } from '@spillway/example-kit/testing'
import { describe, expect, it } from 'vitest'
import { type AppOptions, createApp, createLimits } from './app.js'
import {
  BODY,
  day,
  HOURS,
  JSON_TYPE,
  minute,
  NEXT_MIDNIGHT,
  OAUTH,
  PATH,
  refused,
  SERVICE,
  START,
  second,
  UNKNOWN,
} from './testing/expected.js'
import { onEachSetUp } from './testing/set-up.js'

const digest = (secret: string) => createHash('sha256').update(secret).digest('hex')

onEachSetUp(({ clock, newStore, start }) => {
  describe('a service key', () => {
    it('has 10 calls a second, 240 a minute and 30,000 a day, and is shown the tighter pace', async () => {
      const site = await start()
      expect(await site.ask(PATH, SERVICE)).toEqual(
        json(200, { ...JSON_TYPE, ...day(30_000, 1), ...second(1) }, BODY),
      )
      clock.advance(1000)
      expect(await site.times(5, PATH, SERVICE)).toEqual({ 200: 5 })
      // Of the second 9 of 10 are left, of the minute 233 of 240.
      clock.advance(1000)
      expect(await site.ask('POST /v2/contacts', SERVICE)).toEqual(
        json(201, { ...JSON_TYPE, ...day(30_000, 7), ...second(1) }, { id: '2' }),
      )
      for (let i = 0; i < 3; i++) {
        clock.advance(1000)
        expect(await site.times(5, PATH, SERVICE)).toEqual({ 200: 5 })
      }
      clock.advance(1000)
      expect(await site.times(4, PATH, SERVICE)).toEqual({ 200: 4 })
      clock.advance(1000)
      // Now 213 of 240: less than 9 of 10.
      expect(await site.ask(PATH, SERVICE)).toEqual(
        json(200, { ...JSON_TYPE, ...day(30_000, 27), ...minute(240, 27) }, BODY),
      )
    })

    it('is refused after 240 in a minute, as a quota', async () => {
      const site = await start()
      for (let i = 0; i < 48; i++) {
        expect(await site.times(5, PATH, SERVICE)).toEqual({ 200: 5 })
        clock.advance(1000)
      }
      expect(await site.ask(PATH, SERVICE)).toEqual(
        json(
          429,
          { ...refused(12), ...day(30_000, 240), ...minute(240, 240) },
          {
            code: '429',
            message: 'Quota Exceeded',
            status: 'Request Throttled',
            details: 'allows 240 calls per minute; the next one in 12000 ms',
          },
        ),
      )
      clock.advance(12_000)
      expect((await site.ask(PATH, SERVICE)).status).toBe(200)
    })

    it('wins when a token is sent too', async () => {
      const site = await start()
      expect(await site.ask(PATH, { ...SERVICE, ...OAUTH })).toEqual(
        json(200, { ...JSON_TYPE, ...day(30_000, 1), ...second(1) }, BODY),
      )
      expect(await site.ask(PATH, OAUTH)).toEqual(
        json(200, { ...JSON_TYPE, ...day(150_000, 1), ...minute(1500, 1) }, BODY),
      )
    })
  })

  it('takes any key and any token for an account of its own', async () => {
    const site = await start()
    const [ofKey, ofToken] = [
      json(200, { ...JSON_TYPE, ...day(30_000, 1), ...second(1) }, BODY),
      json(200, { ...JSON_TYPE, ...day(150_000, 1), ...minute(1500, 1) }, BODY),
    ]
    for (const secret of ['ada', 'A.b/c+d=', '__proto__', 'x'.repeat(2000)]) {
      expect(await site.ask(PATH, { 'X-Keap-API-Key': secret })).toEqual(ofKey)
      expect(await site.ask(PATH, { Authorization: `Bearer ${secret}` })).toEqual(ofToken)
    }
  })

  it('counts what is not there too, and says so in its shape', async () => {
    const site = await start()
    expect(await site.ask('GET /v2/nothing', OAUTH)).toEqual(
      json(
        404,
        { ...JSON_TYPE, ...day(150_000, 1), ...minute(1500, 1) },
        { code: '404', message: 'Not Found', status: 'Not Found', details: 'there is no /v2/nothing' },
      ),
    )
  })

  describe('an OAuth caller', () => {
    it('has 1,500 calls a minute, in one burst if it wants', async () => {
      const site = await start()
      expect(await site.times(1500, PATH, OAUTH)).toEqual({ 200: 1500 })
      clock.advance(17_001)
      expect(await site.ask(PATH, OAUTH)).toEqual(
        json(
          429,
          { ...refused(43), ...day(150_000, 1500), ...minute(1500, 1500) },
          {
            code: '429',
            message: 'Quota Exceeded',
            status: 'Request Throttled',
            details: 'allows 1500 calls per minute; the next one in 42999 ms',
          },
        ),
      )
      const other = { Authorization: 'Bearer oauth-cleo' }
      expect(await site.ask(PATH, other)).toEqual(
        json(200, { ...JSON_TYPE, ...day(150_000, 1), ...minute(1500, 1) }, BODY),
      )
    })
  })

  it.each([
    [`service:${digest('KeapSAK-ada')}`, SERVICE, 30_000, 240, second],
    [`oauth:${digest('oauth-bob')}`, OAUTH, 150_000, 1500, (used: number) => minute(1500, used)],
  ] as const)('the day of %s ends at 00:00 UTC', async (key, headers, limit, perMinute, tightest) => {
    const store = newStore()
    const site = await start({ store })
    // The same name and policies on the same store are the same pool: a day's calls in one.
    const { product } = createLimits({ store, clock, ...patient })
    const nobody = { spike: null, second: null, minute: null }
    const own = { cost: limit - 1, limit: { day: limit } }
    expect((await product.limiter.consume({ ...nobody, day: key }, own)).allowed).toBe(true)

    const refusal = (ms: number, pace: Record<string, string>) =>
      json(
        429,
        { ...refused(Math.ceil(ms / 1000)), ...day(limit, limit), ...pace },
        {
          code: '429',
          message: 'Quota Exceeded',
          status: 'Request Throttled',
          details: `allows ${limit} calls per day; the next one in ${ms} ms`,
        },
      )
    expect(await site.ask(PATH, headers)).toEqual(
      json(200, { ...JSON_TYPE, ...day(limit, limit), ...tightest(1) }, BODY),
    )
    expect(await site.ask(PATH, headers)).toEqual(refusal(14 * HOURS, tightest(1)))
    clock.advance(14 * HOURS - 1)
    expect(await site.ask(PATH, headers)).toEqual(refusal(1, minute(perMinute, 0)))
    clock.advance(1)
    expect(await site.ask(PATH, headers)).toEqual(
      json(200, { ...JSON_TYPE, ...day(limit, 1, NEXT_MIDNIGHT), ...tightest(1) }, BODY),
    )
  })

  it('knows nobody without a key or a token, and counts nothing then', async () => {
    const site = await start()
    for (const headers of [
      {},
      { 'X-Keap-API-Key': '' },
      { 'X-Keap-API-Key': '', ...OAUTH },
      { Authorization: 'Bearer' },
      { Authorization: 'Basic YTpi' },
    ])
      expect(await site.ask(PATH, headers)).toEqual(UNKNOWN)
  })
})

commandsWork(import.meta.dirname, (url) => fetch(`${url}/v2/contacts`, { headers: OAUTH }))

it('has the configuration that its README shows', () => {
  const { source, blocks } = readme(import.meta.dirname)
  expect(blocks).not.toEqual([])
  for (const block of blocks) expect(source).toContain(block)
})

describe('while the store does not answer', () => {
  const start = (options: AppOptions) =>
    open(createApp({ store: deadStore(), clock: clockAt(START), onError() {}, ...options }))
  const spiked = {
    code: '429',
    message: 'Spike limit exceeded',
    status: 'Request Throttled',
    details: 'needs 200 ms between calls; this came 0 ms after the previous',
  }

  it('a refusal names no limit', async () => {
    const site = await start({ fallback: 'deny' })
    expect(await site.ask(PATH, SERVICE)).toEqual(
      json(503, refused(1), {
        code: '503',
        message: 'Service Unavailable',
        status: 'Unavailable',
        details: 'the limits cannot be counted; ask again in 1000 ms',
      }),
    )
  })

  it('no quota is shown, by the smooth spike arrest neither', async () => {
    const site = await start({ fallback: 'allow', spike: 'smooth' })
    expect(await site.ask(PATH, SERVICE)).toEqual(json(200, JSON_TYPE, BODY))
    expect(await site.ask(PATH, SERVICE)).toEqual(json(429, { ...refused(1), ...JSON_TYPE }, spiked))
  })
})
