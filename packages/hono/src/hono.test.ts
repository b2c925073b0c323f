import type { Store } from '@spillway/core'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { byIp, byRoute, concurrency, everyone, firstOf, memoryStore, rateLimit } from './index.js'

const one = { limit: 1, window: '1m', key: everyone() } as const
const ok = () => new Response('ok')

/** An app under one limiter that tells the keys it meets. */
function keysOf(options: Partial<Parameters<typeof rateLimit>[0]>) {
  const keys: (string | undefined)[] = []
  const onDecision = rateLimitKeys(keys)
  const app = new Hono().use(rateLimit({ limit: 9, window: '1m', ...(options as object), onDecision }))
  app.get('/', ok).onError((error, c) => c.text((error as { code?: string }).code ?? '', 500))
  return { app, keys }
}

function rateLimitKeys(keys: (string | undefined)[]) {
  return ({ policies }: { policies: Readonly<Record<string, { key: string } | undefined>> }) =>
    void keys.push(policies['default']?.key)
}

describe('the client address', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })

  it.each([
    [
      'Node.js',
      { incoming: { httpVersion: '1.1', socket: { remoteAddress: '::ffff:203.0.113.7' } } },
      '203.0.113.7',
    ],
    ['Deno', { remoteAddr: { hostname: '203.0.113.7' } }, '203.0.113.7'],
    ['Bun', { requestIP: () => ({ address: '2001:db8::7' }) }, '2001:db8::/56'],
    [
      'Bun, with its server in an object',
      { server: { requestIP: () => ({ address: '203.0.113.7' }) } },
      '203.0.113.7',
    ],
  ])('is the peer of %s, never a header', async (userAgent, env, key) => {
    vi.stubGlobal('navigator', { userAgent })
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { app, keys } = keysOf({})
    const headers = { 'x-forwarded-for': '198.51.100.1', 'cf-connecting-ip': '198.51.100.2' }
    expect((await app.request('/', { headers }, env)).status).toBe(200)
    expect(keys).toEqual([key])
  })

  it('is cf-connecting-ip on Workers, and nowhere else', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    const { app, keys } = keysOf({})
    const headers = { 'x-forwarded-for': '198.51.100.1', 'cf-connecting-ip': '203.0.113.7' }
    expect((await app.request('/', { headers })).status).toBe(200)
    expect(keys).toEqual(['203.0.113.7'])
  })

  it('is cf-connecting-ip on Workers also where a trusted proxy says nothing of use', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    const { app, keys } = keysOf({ key: byIp({ trustProxy: 1 }) })
    await app.request('/', { headers: { 'x-forwarded-for': 'garbage', 'cf-connecting-ip': '203.0.113.7' } })
    expect(keys).toEqual(['203.0.113.7'])
  })

  it('is still known when Bun has forgotten it, as it does when the client leaves', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Bun' })
    let address: { address: string } | null = { address: '203.0.113.7' }
    const forgets = async () => {
      address = null
      return undefined
    }
    const { app, keys } = keysOf({ key: firstOf(forgets, byIp()) })
    await app.request('/', {}, { requestIP: () => address })
    expect(keys).toEqual(['1:203.0.113.7'])
  })

  it('is a coded error where nobody knows it', async () => {
    const { app, keys } = keysOf({})
    const reply = await app.request('/')
    expect([reply.status, await reply.text()]).toEqual([500, 'CLIENT_IP_UNKNOWN'])
    expect(keys).toEqual([])
  })

  it('comes from a header only when told', async () => {
    const { app, keys } = keysOf({ key: byIp({ trustProxy: 1, header: 'fly-client-ip' }) })
    await app.request('/', { headers: { 'fly-client-ip': '203.0.113.7' } })
    expect(keys).toEqual(['203.0.113.7'])
  })
})

it('takes nothing of the user for the request, whatever its name', async () => {
  const app = new Hono().use(rateLimit({ ...one, key: () => 'shared' })).get('/', ok)
  const env = { incoming: { binding: true } }
  const statuses = [(await app.request('/', {}, env)).status, (await app.request('/', {}, env)).status]
  expect(statuses).toEqual([200, 429])
})

describe('byRoute', () => {
  const keys: (string | undefined)[] = []
  const limit = rateLimit({ limit: 9, window: '1m', key: byRoute(), onDecision: rateLimitKeys(keys) })
  afterEach(() => void keys.splice(0))

  it('knows the whole pattern of a route in an app inside', async () => {
    const inner = new Hono().get('/users/:id', limit, ok)
    const app = new Hono().basePath('/api').route('/v1', inner)
    await app.request('/api/v1/users/1')
    expect(keys).toEqual(['GET /api/v1/users/:id'])
  })

  it('knows a route that ends in a wildcard', async () => {
    const app = new Hono().get('/files/*', limit, ok)
    await app.request('/files/a/b')
    expect(keys).toEqual(['GET /files/*'])
  })
})

describe('onRefuse', () => {
  it('may answer with a Response whose headers cannot be changed', async () => {
    const onRefuse = () => fetch('data:text/plain,later')
    const app = new Hono().get('/', rateLimit({ ...one, onRefuse }), ok)
    await app.request('/')
    const reply = await app.request('/')
    expect(await reply.text()).toBe('later')
    expect(reply.headers.get('retry-after')).toBe('60')
    expect(reply.headers.get('content-type')).toMatch(/^text\/plain/)
  })

  it('may answer with a Response of its own', async () => {
    const onRefuse = () => Response.json({ mine: true }, { status: 420 })
    const app = new Hono().get('/', rateLimit({ ...one, onRefuse }), ok)
    await app.request('/')
    const reply = await app.request('/')
    expect([reply.status, await reply.json()]).toEqual([420, { mine: true }])
    expect(reply.headers.get('x-ratelimit-remaining')).toBe('0')
  })

  it('keeps the headers on what it lets through', async () => {
    const onRefuse = async (_: unknown, next: () => Promise<void>) => void (await next())
    const app = new Hono().get('/', rateLimit({ ...one, onRefuse: onRefuse as never }), ok)
    await app.request('/')
    const reply = await app.request('/')
    expect([reply.status, await reply.text()]).toEqual([200, 'ok'])
    expect(reply.headers.get('x-ratelimit-remaining')).toBe('0')
  })
})

describe("errors: 'throw'", () => {
  it("throws Hono's HTTPException, which carries the answer and the decision", async () => {
    let thrown: unknown
    const app = new Hono().get('/', rateLimit({ ...one, errors: 'throw' }), ok)
    app.onError((error) => {
      thrown = error
      return (error as HTTPException).getResponse()
    })
    await app.request('/')
    const reply = await app.request('/')
    expect(thrown).toBeInstanceOf(HTTPException)
    expect(thrown).toMatchObject({
      status: 429,
      message: 'RATE_LIMIT_EXCEEDED',
      cause: { policy: 'default' },
    })
    expect(reply.status).toBe(429)
    expect(reply.headers.get('retry-after')).toBe('60')
    expect(reply.headers.get('content-type')).toBe('application/problem+json')
    expect(await reply.json()).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED' })
  })
})

it('nests without a server, by the context', async () => {
  const outer = rateLimit({ ...one, limit: 9, name: 'outer', headers: ['ratelimit'] })
  const inner = rateLimit({ ...one, limit: 2, name: 'inner', headers: ['ratelimit'] })
  const app = new Hono().use(outer).get('/', inner, ok)
  const reply = await app.request('/')
  expect(reply.headers.get('ratelimit')).toBe('"outer";r=8;t=60, "inner";r=1;t=60')
})

describe('the end of an answer', () => {
  /** An app whose store admits, and does not answer when a slot is released. */
  function app() {
    const memory = memoryStore()
    let hear!: () => void
    const released = new Promise<void>((resolve) => {
      hear = resolve
    })
    const release = () => {
      hear()
      return new Promise<never>(() => {})
    }
    const store: Store = {
      sync: false,
      prepare(plan) {
        const apply = memory.prepare(plan)
        return async (ops, mode, now) => (mode === 'release' ? release() : apply(ops, mode, now))
      },
    }
    const policy = concurrency({ limit: 9, lease: '1m' })
    const limit = rateLimit({ policy, store, name: 'slots', deadline: '1m', key: everyone() })
    const routes = new Hono()
      .use(limit)
      .get('/', ok)
      .get('/none', (c) => c.body(null, 204))
    routes.get('/throws', () => {
      throw new Error('mine')
    })
    routes.onError((_, c) => c.text('mine', 500))
    return { routes, released }
  }

  it.each([
    ['GET', '/', 'ok'],
    ['HEAD', '/', ''],
    ['GET', '/none', ''],
    ['GET', '/throws', 'mine'],
  ])('does not wait for the store to hear of it: %s %s', async (method, path, text) => {
    const { routes, released } = app()
    expect(await (await routes.request(path, { method })).text()).toBe(text)
    await released
  })

  it('is told to a runtime that would stop what is left', async () => {
    const waitUntil = vi.fn()
    const { routes } = app()
    const reply = await routes.request('/', {}, {}, { waitUntil, passThroughOnException() {}, props: {} })
    expect(waitUntil).not.toHaveBeenCalled()
    await reply.text()
    expect(waitUntil.mock.calls).toEqual([[expect.any(Promise)]])
  })
})

it('explains its context, and not a part of it', async () => {
  const limit = rateLimit(one)
  const app = new Hono().get('/', async (c) => c.json(await limit.explain(c)))
  app.get('/raw', async (c) => c.json(await limit.explain(c.req.raw as never)))
  app.onError((error, c) => c.text(error.message, 500))
  expect(await (await app.request('/')).json()).toMatchObject({ allowed: true })
  expect(await (await app.request('/raw')).text()).toContain(
    'takes the whole request or context, not an object: for a key',
  )
})
