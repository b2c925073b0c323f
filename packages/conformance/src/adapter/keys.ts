import type { Decision } from '@spillway/core'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type App, type Harness, itUnless, type Options } from './harness.js'
import { serve, statuses, underClock } from './site.js'

/** Who is limited. */
export function keys<R>(harness: Harness<R>): void {
  const { allOf, byApiKey, byHeader, byIp, byRoute, everyone, firstOf } = harness.extractors
  const handler = () => ({ body: 'ok' })

  /** A site under one limiter, and the keys that it meets. */
  async function watch(options: Partial<Options<R>>, app: App<R> = {}, inside = false) {
    const { limits } = underClock(harness)
    const met: string[] = []
    const onDecision = ({ policies }: Decision) => met.push(policies['default']?.key ?? '')
    const limit = limits({ limit: 99, window: '1m', ...options, onDecision })
    const routes = (app.routes ?? []).map((route) => (inside ? { ...route, limits: [limit] } : route))
    const site = await serve(harness, { ...app, ...(inside ? {} : { use: [limit] }), routes })
    return { site, met }
  }

  const warnings: string[] = []
  beforeEach(() => {
    warnings.length = 0
    vi.spyOn(console, 'warn').mockImplementation((text) => warnings.push(text))
  })

  describe('byIp', () => {
    it('is the default, and believes no header', async () => {
      const { site, met } = await watch({})
      await site.get()
      await site.get('/', {
        'X-Forwarded-For': '203.0.113.7',
        'CF-Connecting-IP': '203.0.113.8',
        Forwarded: 'for=203.0.113.9',
      })
      expect(met).toEqual(['127.0.0.1', '127.0.0.1'])
    })

    it('walks as far as it trusts', async () => {
      const { site, met } = await watch({ key: byIp({ trustProxy: 1 }) })
      await site.get('/', { 'X-Forwarded-For': '198.51.100.1, 203.0.113.7' })
      await site.get('/', { 'X-Forwarded-For': '2001:db8:1:2ff::1' })
      await site.get()
      expect(met).toEqual(['203.0.113.7', '2001:db8:1:200::/56', '127.0.0.1'])
      expect(warnings).toEqual([])
    })

    it('joins lines of a header that came twice', async () => {
      const { site, met } = await watch({ key: byIp({ trustProxy: 'loopback' }) })
      const headers = { 'X-Forwarded-For': '198.51.100.1', 'x-forwarded-for': '203.0.113.7' }
      await (await site.write({ path: '/', headers })).all()
      expect(met).toEqual(['203.0.113.7'])
    })

    it('reads the header that it is told', async () => {
      const { site, met } = await watch({
        key: byIp({ trustProxy: ['loopback'], header: 'X-Real-IP', ipv6Subnet: 64 }),
      })
      await site.get('/', { 'X-Real-IP': '2001:db8::1', 'X-Forwarded-For': '203.0.113.7' })
      expect(met).toEqual(['2001:db8::/64'])
    })

    itUnless(harness.exempt['untrusted proxies'])(
      'warns once when a forwarding header arrives while nothing is trusted',
      async () => {
        const { site } = await watch({})
        await site.get()
        expect(warnings).toEqual([])
        for (const header of ['X-Forwarded-For', 'Forwarded'])
          await site.get('/', { [header]: '203.0.113.7' })
        expect(warnings).toEqual([expect.stringMatching(/^spillway: .*\[PROXY_UNTRUSTED\]$/)])
      },
    )

    itUnless(harness.exempt['proxy setting'])("goes by the app's proxy setting", async () => {
      const { site, met } = await watch({}, { proxy: 'one' })
      await site.get('/', { 'X-Forwarded-For': '198.51.100.1, 203.0.113.7' })
      expect(met).toEqual(['203.0.113.7'])
      expect(warnings).toEqual([])
    })

    itUnless(harness.exempt['proxy setting'])('warns once when the app trusts every proxy', async () => {
      const { site, met } = await watch({}, { proxy: 'all' })
      for (let i = 0; i < 3; i++) await site.get('/', { 'X-Forwarded-For': '198.51.100.1, 203.0.113.7' })
      expect(met[0]).toBe('198.51.100.1')
      expect(warnings).toEqual([expect.stringMatching(/^spillway: .*\[PROXY_TRUSTS_ALL\]$/)])
    })

    itUnless(harness.exempt['proxy setting'])(
      'takes no garbage for an address from a proxy setting',
      async () => {
        const { site, met } = await watch({}, { proxy: 'all' })
        for (const garbage of ['garbage', 'rubbish']) await site.get('/', { 'X-Forwarded-For': garbage })
        expect(met).toEqual(['127.0.0.1', '127.0.0.1'])
      },
    )
  })

  describe('byApiKey', () => {
    it("gives 1,000 invented keys from one address that address's limit", async () => {
      const key = firstOf(byApiKey({ verify: async (apiKey) => apiKey === 'issued' }), byIp())
      const { site, met } = await watch({ limit: 10, key })
      const sent = Array.from({ length: 1000 }, (_, i) => ({
        path: '/',
        headers: { 'X-API-Key': `no-${i}` },
      }))
      const received = statuses(await (await site.write(...sent)).all())
      expect(received).toHaveLength(1000)
      expect(received.filter((status) => status === 200)).toHaveLength(10)
      expect(new Set(met)).toEqual(new Set(['1:127.0.0.1']))
      expect((await site.get('/', { 'X-API-Key': 'issued' })).status).toBe(200)
    })

    it('stores a digest, never the key', async () => {
      const { site, met } = await watch({ key: firstOf(byApiKey({ verify: () => true }), everyone()) })
      for (const apiKey of ['secret-1', 'secret-2', 'secret-1']) await site.get('/', { 'X-API-Key': apiKey })
      expect(met[0]).toMatch(/^0:sha256:[\da-f]{64}$/)
      expect(met[2]).toBe(met[0])
      expect(met[1]).not.toBe(met[0])
    })

    it('reads a bearer token, and asks with the request', async () => {
      const verify = (apiKey: string, req: R) => apiKey === harness.header(req, 'x-expected')
      const { site, met } = await watch({
        key: firstOf(byApiKey({ verify, header: 'Authorization' }), everyone()),
      })
      for (const authorization of ['Bearer abc', 'bearer  abc', 'Basic abc', 'abc', 'Bearer xyz']) {
        await site.get('/', { authorization, 'x-expected': 'abc' })
      }
      expect(met.map((key) => key.slice(0, 2))).toEqual(['0:', '0:', '1:', '1:', '1:'])
      expect(met[1]).toBe(met[0])
    })
  })

  describe('firstOf', () => {
    it('reports the level, and never lets levels share a key', async () => {
      const levels: unknown[] = []
      const { limits } = underClock(harness)
      const limit = limits({
        limit: 1,
        window: '1m',
        key: firstOf(
          byHeader('x-user'),
          async (req) => harness.header(req, 'x-team'),
          () => 'same',
        ),
        onDecision: ({ policies }) => levels.push(policies['default']?.level),
      })
      const site = await serve(harness, { use: [limit] })
      for (const headers of [{ 'x-user': 'same' }, { 'x-team': 'same' }, {}] as Record<string, string>[]) {
        expect((await site.get('/', headers)).status).toBe(200)
        expect((await site.get('/', headers)).status).toBe(429)
      }
      expect(levels).toEqual([0, 0, 1, 1, 2, 2])
    })
  })

  describe('a key', () => {
    it('stays short, however long a header is', async () => {
      const huge = 'x'.repeat(12_000)
      for (const key of [
        firstOf(byHeader('x-user'), everyone()),
        allOf((req) => harness.header(req, 'x-user') ?? 'nobody', everyone()),
        firstOf(byApiKey({ verify: () => true, header: 'x-user' }), everyone()),
        byIp({ trustProxy: 1, header: 'x-user' }),
      ]) {
        const { site, met } = await watch({ key })
        for (const user of [huge, `${huge}y`, huge])
          expect((await site.get('/', { 'x-user': user })).status).toBe(200)
        expect(Math.max(...met.map(({ length }) => length))).toBeLessThanOrEqual(256)
        expect(met[2]).toBe(met[0])
      }
    })

    it('may be everyone, for a limit on the whole', async () => {
      const { site, met } = await watch({ key: everyone(), limit: 1 })
      await site.get('/', { 'x-user': 'ann' })
      expect((await site.get('/', { 'x-user': 'bob' })).status).toBe(429)
      expect(met).toEqual(['everyone', 'everyone'])
    })
  })

  describe('byRoute', () => {
    const routes = [
      { path: '/users/:id', handler },
      { path: '/users/:id', method: 'post', handler },
      { path: '/health', handler },
    ] as const

    it('is the method and the pattern, never the path', async () => {
      const { site, met } = await watch({ key: byRoute() }, { routes }, true)
      for (const path of ['/users/1', '/users/2?x=1', '/health']) await site.get(path)
      await site.request('POST', '/users/3')
      expect(met).toEqual(['GET /users/:id', 'GET /users/:id', 'GET /health', 'POST /users/:id'])
    })

    itUnless(harness.exempt['mount patterns'])(
      'has the mount in it, however a client spells that',
      async () => {
        const { site, met } = await watch({ key: byRoute() }, { routes, mount: '/api' }, true)
        for (const path of ['/api/users/1', '/API/users/2', '/aPi/users/3', '/api/users/4/'])
          await site.get(path)
        expect(new Set(met)).toEqual(new Set(['GET /api/users/:id']))
      },
    )

    itUnless(harness.exempt['mount patterns'])('has the pattern of the mount in it', async () => {
      const { site, met } = await watch({ key: byRoute() }, { routes, mount: '/orgs/:org' }, true)
      for (const path of ['/orgs/a/users/1', '/orgs/b/users/2']) await site.get(path)
      expect(new Set(met)).toEqual(new Set(['GET /orgs/:org/users/:id']))
    })

    it('is a coded error where no route matched', async () => {
      const { site, met } = await watch({ key: byRoute() }, { routes, onError: () => {} })
      const reply = await site.get('/users/1')
      expect(reply.status).toBe(500)
      expect(JSON.parse(reply.text)).toEqual({ own: 'ROUTE_UNKNOWN' })
      expect(met).toEqual([])
    })
  })
}
