import type { Http, Subject } from '../../subject.js'
import { bucketOn, takeFrom } from './bucket.js'
import { headersByHand } from './by-hand.js'

const TOO_MANY = 'Too many requests'

const http: Http = {
  async express(rate) {
    const take = takeFrom(new Map(), rate)
    return (req, res, next) => {
      const taken = take(req.ip ?? '')
      headersByHand.express(res, taken, rate.windowMs)
      if (taken.allowed) return next()
      res.setHeader('Retry-After', String(Math.ceil(taken.retryAfterMs / 1000)))
      res.status(429).end(TOO_MANY)
    }
  },
  async koa(rate) {
    const take = takeFrom(new Map(), rate)
    return (ctx, next) => {
      const taken = take(ctx.ip)
      headersByHand.koa(ctx, taken, rate.windowMs)
      if (taken.allowed) return next()
      ctx.set('Retry-After', String(Math.ceil(taken.retryAfterMs / 1000)))
      ctx.status = 429
      ctx.body = TOO_MANY
      return undefined
    }
  },
  async hono(rate) {
    const { getConnInfo } = await import('@hono/node-server/conninfo')
    const take = takeFrom(new Map(), rate)
    return async (c, next) => {
      const taken = take(getConnInfo(c).remote.address ?? '')
      headersByHand.hono(c, taken, rate.windowMs)
      if (taken.allowed) return next()
      c.header('Retry-After', String(Math.ceil(taken.retryAfterMs / 1000)))
      return c.text(TOO_MANY, 429)
    }
  },
}

export default {
  name: 'hand-written on a Map',
  algorithm: 'token bucket',
  memory: { make: (limits) => bucketOn(new Map(), limits) },
  http,
} satisfies Subject
