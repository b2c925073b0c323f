import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Decision } from '@spillway/core'
import {
  checkDefaults,
  checkFunction,
  closeSignal,
  createExtractors,
  createGate,
  type GateOptions,
  isGone,
  onEnd,
  type Reader,
  type RequestRateLimit,
  sleep,
  withDefaults,
} from '@spillway/core/http'
import {
  type Answer,
  type App,
  adapterContract,
  type Harness,
  type Middleware,
  type Route,
} from '../index.js'

type Req = IncomingMessage & { route?: string; rateLimit?: RequestRateLimit }
type OnRefuse = (req: Req, res: ServerResponse, next: () => void, decision: Decision) => unknown

const reader: Reader<Req> = {
  identity: (req) => req,
  method: (req) => req.method as string,
  header: (req, name) => req.headers[name]?.toString(),
  route: (req) => req.route,
  clientIp: (req) => req.socket.remoteAddress,
  peer: (req) => req.socket.remoteAddress,
  trust: () => 'none',
}

const OWN = { onRefuse: checkFunction }

/** An adapter as somebody else would write it, for no framework at all. It resolves to whether the request goes on. */
function createRateLimit(defaults: object = {}) {
  checkDefaults(defaults, OWN)
  return (options: object) => {
    const all = withDefaults(defaults, options) as GateOptions<Req> & { onRefuse?: OnRefuse }
    const gate = createGate(reader, all, OWN)

    async function limit(req: Req, res: ServerResponse): Promise<boolean> {
      const result = await gate.enter(req, () => closeSignal(res))
      if (result.decision) req.rateLimit = result.decision
      if (!result.refused && result.finish) onEnd(res, result.finish)
      const headers = result.refused ? result.headers : result.headers()
      for (const [name, value] of headers) res.setHeader(name, value)
      if (result.refused) {
        let goesOn = false
        res.statusCode = result.status
        const next = () => {
          goesOn = true
        }
        if (all.onRefuse) await all.onRefuse(req, res, next, result.decision)
        else res.setHeader('Content-Type', result.contentType).end(result.body)
        return goesOn
      }
      if (result.delayMs > 0) await sleep(result.delayMs, closeSignal(res))
      return !isGone(res)
    }
    return Object.assign(limit, { limiter: gate.limiter, decision: gate.decision, explain: gate.explain })
  }
}

type Limit = ReturnType<ReturnType<typeof createRateLimit>>

const ways: Record<string, (req: Req, res: ServerResponse) => void> = {
  'res.end': (_req, res) => void res.end('ok'),
  'res.writeHead': (_req, res) => void res.writeHead(200, { 'Content-Type': 'text/plain' }).end('ok'),
}

const onRefuse: Record<keyof Harness<Req>['onRefuse'], OnRefuse> = {
  redirect: (_req, res) => res.writeHead(302, { Location: '/login' }).end(),
  json: (_req, res, _next, decision) =>
    res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ mine: decision.policy })),
  next: (_req, res, next) => {
    res.statusCode = 200
    next()
  },
  async throws() {
    throw new Error('mine')
  },
}

adapterContract<Req>({
  framework: 'node:http',
  createRateLimit: createRateLimit as Harness<Req>['createRateLimit'],
  extractors: createExtractors(reader),
  header: (req, name) => req.headers[name]?.toString(),
  seen: (req) => req.rateLimit,
  onRefuse,
  ways,
  connection: (req) => req.socket,
  exempt: {
    downstream: 'node:http knows no handlers: req.rateLimit.hold(promise) keeps a slot',
    throws: 'node:http has no error of its own',
    'mount patterns': 'node:http has no mounts: those of this test are part of the path',
    'proxy setting': 'node:http knows no proxies',
  },

  listen(app) {
    const server = createServer((req: Req, res) => {
      respond(app, req, res).catch((error) => {
        app.onError?.(error)
        if (res.headersSent) return res.destroy()
        res.statusCode = error.status ?? 500
        return res.end(JSON.stringify({ own: error.code }))
      })
    })
    return server.listen(0, '127.0.0.1')
  },
})

async function respond(
  { use = [], routes = [], mount = '' }: App<Req>,
  req: Req,
  res: ServerResponse,
): Promise<void> {
  if (!(await enter(use, req, res))) return
  const found = routes.find((route) => matches(route, mount, req))
  if (found === undefined) return void res.writeHead(404).end()
  req.route = found.path
  if (!(await enter(found.limits ?? [], req, res))) return
  const { handler } = found
  if (typeof handler === 'string') return ways[handler]?.(req, res)
  await send(await handler(req), res)
}

async function enter(limits: readonly Middleware<Req>[], req: Req, res: ServerResponse): Promise<boolean> {
  for (const limit of limits) if (!(await (limit as unknown as Limit)(req, res))) return false
  return true
}

function matches({ path, method = 'get' }: Route<Req>, mount: string, req: Req): boolean {
  const asked = (req.method === 'HEAD' ? 'GET' : (req.method as string)).toLowerCase()
  const pattern = new RegExp(`^${(mount + path).replace(/:\w+/g, '[^/]+')}/?$`)
  return asked === method && pattern.test((req.url as string).split('?')[0] as string)
}

async function send({ status = 200, headers = {}, body = '' }: Answer, res: ServerResponse): Promise<void> {
  res.statusCode = status
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  if (typeof body === 'string') res.end(body)
  // A client that left in the middle is no error of the app.
  else await pipeline(Readable.from(body), res).catch(() => {})
}
