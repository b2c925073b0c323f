import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import { asked, type Http, type Limits, type Rate, type Subject } from '../../subject.js'

const TOO_MANY = 'Too Many Requests'

const limiterOf = ({ limit, windowMs }: Rate) =>
  new RateLimiterMemory({ points: limit, duration: windowMs / 1000 })

/** As its documentation has them. */
const headersOf = ({ limit }: Rate, { remainingPoints, msBeforeNext }: RateLimiterRes) => ({
  'X-RateLimit-Limit': String(limit),
  'X-RateLimit-Remaining': String(remainingPoints),
  'X-RateLimit-Reset': String(Math.ceil((Date.now() + msBeforeNext) / 1000)),
})

const retryAfter = ({ msBeforeNext }: RateLimiterRes) => String(Math.ceil(msBeforeNext / 1000))

const http: Http = {
  async express(rate) {
    const limiter = limiterOf(rate)
    return (req, res, next) => {
      limiter.consume(req.ip ?? '').then(
        (result) => {
          res.set(headersOf(rate, result))
          next()
        },
        (result) => {
          res.set(headersOf(rate, result)).set('Retry-After', retryAfter(result))
          res.status(429).send(TOO_MANY)
        },
      )
    }
  },
  async koa(rate) {
    const limiter = limiterOf(rate)
    return async (ctx, next) => {
      try {
        ctx.set(headersOf(rate, await limiter.consume(ctx.ip)))
      } catch (result) {
        ctx.set(headersOf(rate, result as RateLimiterRes))
        ctx.set('Retry-After', retryAfter(result as RateLimiterRes))
        ctx.status = 429
        ctx.body = TOO_MANY
        return
      }
      await next()
    }
  },
  async hono(rate) {
    const { getConnInfo } = await import('@hono/node-server/conninfo')
    const limiter = limiterOf(rate)
    return async (c, next) => {
      try {
        const result = await limiter.consume(getConnInfo(c).remote.address ?? '')
        for (const [name, value] of Object.entries(headersOf(rate, result))) c.header(name, value)
      } catch (refusal) {
        const result = refusal as RateLimiterRes
        for (const [name, value] of Object.entries(headersOf(rate, result))) c.header(name, value)
        c.header('Retry-After', retryAfter(result))
        return c.text(TOO_MANY, 429)
      }
      await next()
      return undefined
    }
  },
}

function make(limits: Limits) {
  const limiter = limiterOf(limits)
  return asked(
    // A refusal is a rejection with a result of the same kind.
    (key) => limiter.consume(key),
    ({ consumedPoints }) => consumedPoints <= limits.limit,
  )
}

export default {
  name: 'rate-limiter-flexible',
  algorithm: 'fixed window',
  memory: { make },
  http,
} satisfies Subject
