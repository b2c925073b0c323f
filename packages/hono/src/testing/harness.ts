import type { Handler, Harness } from '@spillway/conformance'
import { Hono, type Handler as HonoHandler, type MiddlewareHandler } from 'hono'
import { stream } from 'hono/streaming'
import * as adapter from '../index.js'
import type { AnyContext, Defaults } from '../types.js'

const ways: Record<string, HonoHandler> = {
  'c.json': (c) => c.json('ok'),
  'a Response of its own': () => new Response('ok'),
  'a fetched Response': () => fetch('data:text/plain,ok'),
  'the stream helper': (c) => stream(c, async (sink) => void (await sink.write('ok'))),
}

const onRefuse: Record<keyof Harness<AnyContext>['onRefuse'], Defaults<AnyContext>['onRefuse']> = {
  redirect: (c) => c.redirect('/login'),
  json: (c, _next, decision) => c.json({ mine: decision.policy }),
  async next(_c, next) {
    await next()
    return undefined
  },
  throws() {
    throw new Error('mine')
  },
}

export type Server = ReturnType<Harness<AnyContext>['listen']>

/** A harness for any server that Hono runs on; `start` starts one on a free port of `127.0.0.1`. */
export const harness = (
  server: string,
  start: (app: Hono) => Server,
  exempt: Harness<AnyContext>['exempt'] = {},
): Harness<AnyContext> => ({
  framework: `Hono 4 on ${server}`,
  createRateLimit: adapter.createRateLimit as Harness<AnyContext>['createRateLimit'],
  extractors: adapter,
  header: (c, name) => c.req.header(name),
  seen: (c) => c.get('rateLimit'),
  onRefuse,
  ways,
  exempt: {
    'proxy setting': 'Hono has none; byIp({ trustProxy }) says it',
    upgrades: 'in Hono the server upgrades, and tells no middleware: hold(promise) keeps the slot',
    ...exempt,
  },

  listen({ use = [], routes = [], mount = '/', onError }) {
    const app = new Hono()
    const router = app.basePath(mount)
    for (const limit of use) app.use(limit as unknown as MiddlewareHandler)
    for (const { path, method = 'get', limits = [], handler } of routes) {
      const last = typeof handler === 'string' ? ways[handler] : answering(handler)
      router.on(method, [path], ...(limits as unknown as MiddlewareHandler[]), last as HonoHandler)
    }
    if (onError) app.onError(ownErrors(onError))
    return start(app)
  },
})

function answering(handler: Handler<AnyContext>): HonoHandler {
  return async (c) => {
    const { status = 200, headers = {}, body = '' } = await handler(c)
    if (typeof body === 'string') return c.body(body, status as 200, headers)
    c.status(status as 200)
    return stream(c, async (sink) => {
      for await (const piece of body) await sink.write(piece)
    })
  }
}

function ownErrors(onError: (error: unknown) => void): Parameters<Hono['onError']>[0] {
  return (error, c) => {
    onError(error)
    const { status = 500, code } = error as { status?: number; code?: string }
    return c.json({ own: code }, status as 500)
  }
}
