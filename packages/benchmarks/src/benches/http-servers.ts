import type { Server } from 'node:http'
import type { Framework, Http, Rate } from '../subject.js'

const HELLO = 'Hello'

type MakeServer = (http: Http, rate: Rate) => Promise<Pick<Server, 'listen' | 'address'>>

/** An app with one route, and the subject's middleware before it. */
export const servers: Readonly<Record<Framework, MakeServer>> = {
  async express(http, rate) {
    const { default: express } = await import('express')
    const { createServer } = await import('node:http')
    const app = express()
    const middleware = await http.express?.(rate)
    if (middleware) app.use(middleware)
    app.get('/', (_req, res) => {
      res.send(HELLO)
    })
    return createServer(app)
  },

  async koa(http, rate) {
    const { default: Koa } = await import('koa')
    const { createServer } = await import('node:http')
    const app = new Koa()
    const middleware = await http.koa?.(rate)
    if (middleware) app.use(middleware)
    app.use((ctx) => {
      ctx.body = HELLO
    })
    return createServer(app.callback())
  },

  async hono(http, rate) {
    const { Hono } = await import('hono')
    const { createAdaptorServer } = await import('@hono/node-server')
    const app = new Hono()
    const middleware = await http.hono?.(rate)
    if (middleware) app.use(middleware)
    app.get('/', (c) => c.text(HELLO))
    return createAdaptorServer({ fetch: app.fetch }) as Server
  },
}
