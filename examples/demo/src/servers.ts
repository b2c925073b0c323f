import type { RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Decision, Policy } from '@spillway/core'
import { rateLimit as expressLimit } from '@spillway/express'
import { byIp, rateLimit as honoLimit } from '@spillway/hono'
import { rateLimit as koaLimit } from '@spillway/koa'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import type { Framework } from './frameworks.js'

export interface AppOptions {
  readonly policy: Policy
  readonly clock: () => number
  readonly onDecision: (decision: Decision) => void
}

/** In each framework an app with one limit by address, behind a proxy on this machine. Any path will do. */
export const apps: Record<Framework, (options: AppOptions) => RequestListener> = {
  Express(options) {
    const app = express().set('trust proxy', 'loopback')
    app.use(expressLimit(options))
    app.use((_req, res) => {
      res.send('OK\n')
    })
    return app
  },

  Koa(options) {
    const app = new Koa({ proxy: true, maxIpsCount: 1 })
    app.use(koaLimit(options))
    app.use((ctx) => {
      ctx.body = 'OK\n'
    })
    return app.callback()
  },

  Hono(options) {
    const app = new Hono()
    app.use(honoLimit({ ...options, key: byIp({ trustProxy: 'loopback' }) }))
    app.all('*', (c) => c.text('OK\n'))
    return getRequestListener(app.fetch)
  },
}
