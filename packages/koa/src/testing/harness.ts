import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import Router from '@koa/router'
import type { Handler, Harness } from '@spillway/conformance'
import Koa3, { type Middleware } from 'koa'
import * as adapter from '../index.js'
import type { AnyContext, Defaults } from '../types.js'

const require = createRequire(import.meta.url)
const Koa2: typeof Koa3 = require('koa2')

const ways: Record<string, Middleware> = {
  'a JSON body'(ctx) {
    ctx.body = { ok: true }
  },
  'a Node stream'(ctx) {
    ctx.body = Readable.from(['o', 'k'])
  },
  'ctx.respond = false'(ctx) {
    ctx.respond = false
    ctx.res.writeHead(200).end('ok')
  },
}

const onRefuse: Record<keyof Harness<AnyContext>['onRefuse'], Defaults<AnyContext>['onRefuse']> = {
  redirect: (ctx) => ctx.redirect('/login'),
  json(ctx, _next, decision) {
    ctx.body = { mine: decision.policy }
  },
  next: (_ctx, next) => next(),
  throws() {
    throw new Error('mine')
  },
}

/** Koa 3 answers with it; Koa 2 would take it for JSON. */
const response: Middleware = (ctx) => {
  ctx.body = new Response('ok')
}

/** A harness for each major version. */
export const harnesses: readonly Harness<AnyContext>[] = [harness('Koa 3', Koa3), harness('Koa 2', Koa2)]

function harness(framework: string, Koa: typeof Koa3): Harness<AnyContext> {
  return {
    framework,
    createRateLimit: adapter.createRateLimit as Harness<AnyContext>['createRateLimit'],
    extractors: adapter,
    header: (ctx, name) => ctx.get(name) || undefined,
    seen: (ctx) => ctx.state.rateLimit,
    onRefuse,
    ways: Koa === Koa3 ? { ...ways, 'a Response': response } : ways,
    connection: (ctx) => ctx.req.socket,
    exempt: {},

    listen({ use = [], routes = [], mount, onError, proxy }) {
      const app = new Koa({ proxy: proxy !== undefined, maxIpsCount: proxy === 'one' ? 1 : 0 })
      const router = new Router(mount === undefined ? {} : { prefix: mount })
      app.silent = true
      if (onError) app.use(ownErrors(onError))
      for (const limit of use) app.use(limit as unknown as Middleware)
      for (const { path, method = 'get', limits = [], handler } of routes) {
        const last = typeof handler === 'string' ? this.ways[handler] : answering(handler)
        router[method](path, ...(limits as unknown as Middleware[]), last as Middleware)
      }
      app.use(router.routes())
      return app.listen(0, '127.0.0.1')
    },
  }
}

function answering(handler: Handler<AnyContext>): Middleware {
  return async (ctx) => {
    const { status = 200, headers = {}, body = '' } = await handler(ctx)
    ctx.status = status
    ctx.set(headers)
    ctx.body = typeof body === 'string' ? body : Readable.from(body)
  }
}

function ownErrors(onError: (error: unknown) => void): Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      onError(error)
      const { status = 500, code } = error as { status?: number; code?: string }
      ctx.status = status
      ctx.body = { own: code }
    }
  }
}
