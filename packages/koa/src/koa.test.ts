import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Router from '@koa/router'
import Koa, { HttpError, type Middleware } from 'koa'
import { expect, it, onTestFinished } from 'vitest'
import { byRoute, everyone, rateLimit } from './index.js'

const one = { limit: 1, window: '1m', key: everyone() } as const

async function serve(...middlewares: Middleware[]) {
  const app = new Koa()
  app.silent = true
  for (const middleware of middlewares) app.use(middleware)
  const server: Server = app.listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { app, get: (path = '/') => fetch(`http://127.0.0.1:${port}${path}`) }
}

it("throws Koa's HTTP error, which carries headers, code and policy, and no key", async () => {
  const { app, get } = await serve(rateLimit({ ...one, errors: 'throw' }))
  const thrown = once(app, 'error')
  await get()
  const reply = await get()
  expect(reply.status).toBe(429)
  const [error] = await thrown
  expect(error).toBeInstanceOf(HttpError)
  expect(error).toMatchObject({
    status: 429,
    expose: true,
    code: 'RATE_LIMIT_EXCEEDED',
    policy: 'default',
    headers: { 'Retry-After': '60', 'Cache-Control': 'no-store' },
  })
  expect(JSON.stringify(error)).not.toContain('127.0.0.1')
})

it('keeps the headers that an error brings', async () => {
  const { get } = await serve(rateLimit({ ...one, limit: 9 }), (ctx) =>
    ctx.throw(401, { headers: { 'WWW-Authenticate': 'Bearer' } }),
  )
  const reply = await get()
  expect(reply.headers.get('www-authenticate')).toBe('Bearer')
  expect(reply.headers.get('x-ratelimit-remaining')).toBe('8')
})

it('lends headers to an error for one answer only', async () => {
  const shared = new Error('always the same')
  const limit = rateLimit({ ...one, limit: 9 })
  const { get } = await serve(
    (ctx, next) => (ctx.path === '/free' ? next() : limit(ctx, next)),
    () => {
      throw shared
    },
  )
  expect((await get()).headers.get('x-ratelimit-remaining')).toBe('8')
  expect((await get('/free')).headers.has('x-ratelimit-remaining')).toBe(false)
  expect((await get()).headers.get('x-ratelimit-remaining')).toBe('7')
})

it('leaves an error that cannot change as it is', async () => {
  const gone = Object.preventExtensions(Object.assign(new Error('gone'), { status: 410, expose: true }))
  const { get } = await serve(rateLimit({ ...one, limit: 9 }), () => {
    throw gone
  })
  expect((await get()).status).toBe(410)
})

it('passes on what is thrown and is no error', async () => {
  const { get } = await serve(rateLimit({ ...one, limit: 9 }), () => Promise.reject('text'))
  expect((await get()).status).toBe(500)
})

it('knows the pattern of a router in a router', async () => {
  const keys: (string | undefined)[] = []
  const limit = rateLimit({
    limit: 9,
    window: '1m',
    key: byRoute(),
    onDecision: ({ policies }) => keys.push(policies['default']?.key),
  })
  const inner = new Router().get('/users/:id', limit, (ctx) => {
    ctx.body = 'ok'
  })
  const outer = new Router().use('/orgs/:org', inner.routes())
  const { get } = await serve(outer.routes() as Middleware)
  for (const path of ['/orgs/a/users/1', '/orgs/b/users/2']) expect((await get(path)).status).toBe(200)
  expect(new Set(keys)).toEqual(new Set(['GET /orgs/:org/users/:id']))
})

it('explains its context, and not a part of it', async () => {
  const limit = rateLimit(one)
  const { app, get } = await serve(async (ctx) => {
    ctx.body = [await limit.explain(ctx), limit.decision(ctx)]
    await limit.explain(ctx.req as never)
  })
  const thrown = once(app, 'error')
  await get()
  expect((await thrown)[0]).toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('takes the whole request or context, not an object: for a key'),
  })
})
