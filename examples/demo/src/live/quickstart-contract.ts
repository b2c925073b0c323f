import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startServer } from '../../../../packages/redis/src/testing/server.js'
import { describeRedis } from '../../../../packages/redis/src/testing/suite.js'
import type { Framework } from '../frameworks.js'
import { type Quickstart, startQuickstart } from './quickstarts.js'

/** What the README of each quickstart promises, asked of the real process; each test has its own API key. */
export function quickstartContract(framework: Framework): void {
  describe(`the ${framework} quickstart`, () => {
    promises(() => startQuickstart(framework))
  })

  describeRedis(`the ${framework} quickstart with a Redis`, () => {
    let redis: RedisServer
    beforeAll(async () => {
      redis = await startServer()
    })
    afterAll(() => redis.stop())
    const start = () => startQuickstart(framework, `redis://127.0.0.1:${redis.port}`)

    const ask = promises(start)

    test('counts together with another process, and by itself when Redis is gone', {
      timeout: 40_000,
    }, async () => {
      const other = await start()
      try {
        const login = () => ask('/login', 'key-of-ada', 'POST', other.url)
        expect(limitOf(await ask('/login', 'key-of-ada', 'POST'))).toMatchObject({ remaining: '2' })
        expect(limitOf(await login())).toMatchObject({ remaining: '1' })
        await redis.stop()
        expect(limitOf(await login())).toMatchObject({ remaining: '1' })
        expect([(await login()).status, (await login()).status]).toEqual([200, 429])
        expect(other.crash).toBeUndefined()
      } finally {
        await other.stop()
      }
    })
  })
}

type Ask = (path: string, apiKey?: string, method?: string, url?: string) => Promise<Response>

function promises(start: () => Promise<Quickstart>): Ask {
  let quickstart: Quickstart | undefined
  beforeAll(async () => {
    quickstart = await start()
  }, 40_000)
  afterAll(() => quickstart?.stop())

  const ask: Ask = (path, apiKey, method = 'GET', url = quickstart?.url) =>
    fetch(`${url}${path}`, {
      method,
      headers: apiKey === undefined ? {} : { 'x-api-key': apiKey },
    })

  /** Sends one after the other; resolves to the last answer. */
  async function times(count: number, path: string, apiKey: string, method?: string): Promise<Response> {
    for (let left = count; left > 1; left--) expect((await ask(path, apiKey, method)).status).toBe(200)
    return ask(path, apiKey, method)
  }

  test('says what the limit is, and what is left of it', async () => {
    const response = await ask('/', 'key-of-ada')
    expect(response.status).toBe(200)
    expect(limitOf(response)).toEqual({ limit: '20', remaining: '19', window: '5' })
    expect(response.headers.get('retry-after')).toBeNull()
    expect(await response.text()).toBe('Hello! You have 19 requests left.\n')
  })

  test('refuses the 21st request within five seconds, each API key by itself', async () => {
    const refused = await times(21, '/', 'key-of-bob')
    expect(limitOf(refused)).toEqual({ limit: '20', remaining: '0', window: '5' })
    await expectRefusal(refused, 'standard', 5)
    expect(limitOf(await ask('/', 'key-of-cleo'))).toMatchObject({ remaining: '19' })
  })

  test('refuses the fourth login within ten seconds', async () => {
    const refused = await times(4, '/login', 'key-of-dan', 'POST')
    expect(limitOf(refused)).toEqual({ limit: '3', remaining: '0', window: '10' })
    await expectRefusal(refused, 'login', 10)
    expect((await ask('/', 'key-of-dan')).status).toBe(200)
  })

  test('counts callers without a key that it knows by their address', async () => {
    const [none, unknown] = [await ask('/'), await ask('/', 'key-of-nobody')]
    expect(limitOf(none)).toMatchObject({ remaining: '19' })
    expect(limitOf(unknown)).toMatchObject({ remaining: '18' })
  })

  test('never limits /health', async () => {
    const last = await times(50, '/health', 'key-of-bob')
    expect(last.status).toBe(200)
    expect(limitOf(last)).toEqual({ limit: null, remaining: null, window: null })
  })

  return ask
}

function limitOf({ headers }: Response) {
  const [limit, remaining, window] = ['limit', 'remaining', 'window'].map((name) =>
    headers.get(`x-ratelimit-${name}`),
  )
  return { limit, remaining, window }
}

async function expectRefusal(response: Response, policy: string, windowSeconds: number): Promise<void> {
  expect(response.status).toBe(429)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const wait = Number(response.headers.get('retry-after'))
  expect(wait).toBeGreaterThanOrEqual(1)
  expect(wait).toBeLessThanOrEqual(windowSeconds)
  expect(await response.json()).toMatchObject({
    status: 429,
    'violated-policies': [policy],
    retryAfter: wait,
  })
}
