import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import type { Handler, Harness } from '@spillway/conformance'
import express5, { type ErrorRequestHandler, type RequestHandler } from 'express'
import * as adapter from '../index.js'
import type { AnyRequest, Defaults } from '../types.js'

const require = createRequire(import.meta.url)
const express4: typeof express5 = require('express4')

const ways: Record<string, RequestHandler> = {
  'res.json': (_req, res) => void res.json('ok'),
  'res.writeHead': (_req, res) => void res.writeHead(200, { 'Content-Type': 'text/plain' }).end('ok'),
  'a pipe': (_req, res) => void Readable.from(['o', 'k']).pipe(res),
}

const onRefuse: Record<keyof Harness<AnyRequest>['onRefuse'], Defaults['onRefuse']> = {
  redirect: (_req, res) => res.redirect('/login'),
  json: (_req, res, _next, decision) => res.json({ mine: decision.policy }),
  next: (_req, _res, next) => next(),
  async throws() {
    throw new Error('mine')
  },
}

/** A harness for each major version. */
export const harnesses: readonly Harness<AnyRequest>[] = [
  harness('Express 5', express5),
  harness('Express 4', express4),
]

function harness(framework: string, express: typeof express5): Harness<AnyRequest> {
  return {
    framework,
    createRateLimit: adapter.createRateLimit as Harness<AnyRequest>['createRateLimit'],
    extractors: adapter,
    header: (req, name) => req.get(name),
    seen: (req) => req.rateLimit,
    onRefuse,
    ways,
    connection: (req) => req.socket,
    exempt: {
      downstream: 'Express tells nobody when a handler is done: req.rateLimit.hold(promise) does',
      throws: 'Express has one way to fail, next(error): onRefuse can take it',
      'mount patterns': 'Express keeps no pattern of a mount, and its text is what clients choose',
    },

    listen({ use = [], routes = [], mount = '/', onError, proxy }) {
      const app = express().set('trust proxy', proxy === 'all' ? true : proxy === 'one' && 1)
      const router = express.Router()
      for (const limit of use) app.use(limit as unknown as RequestHandler)
      for (const { path, method = 'get', limits = [], handler } of routes) {
        const last = typeof handler === 'string' ? ways[handler] : answering(handler)
        router[method](path, ...(limits as unknown as RequestHandler[]), last as RequestHandler)
      }
      app.use(mount, router)
      if (onError) app.use(ownErrors(onError))
      return app.listen(0, '127.0.0.1')
    },
  }
}

function answering(handler: Handler<AnyRequest>): RequestHandler {
  return (req, res, next) => {
    const answer = async () => {
      const { status = 200, headers = {}, body = '' } = await handler(req)
      res.status(status).set(headers)
      if (typeof body === 'string') res.send(body)
      else Readable.from(body).pipe(res)
    }
    answer().catch(next)
  }
}

function ownErrors(onError: (error: unknown) => void): ErrorRequestHandler {
  return (error, _req, res, _next) => {
    onError(error)
    res.status(error.status ?? 500).json({ own: error.code })
  }
}
