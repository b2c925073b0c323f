import Router from '@koa/router'
import {
  allOf,
  byHeader,
  byIp,
  type Decision,
  firstOf,
  fixedWindow,
  type HeaderDialect,
  type RateLimitDefaults,
  rateLimit,
} from '@spillway/koa'
import Koa from 'koa'

// What stands in front of this API, and knows who calls, writes these: a client can write any header by itself.
const user = byHeader('X-User-Id')
const seller = byHeader('X-Seller-Id')

/** The reset is rounded down, as in the API's sample: who comes at that second may be too early. `Retry-After` never is. */
const floored: HeaderDialect = ({ limit, remaining, now, resetMs }) => ({
  'X-RateLimit-Limit': `${limit}`,
  'X-RateLimit-Remaining': `${remaining}`,
  'X-RateLimit-Reset': `${Math.floor((now + resetMs) / 1000)}`,
})

function refusal({ code, limit, used, remaining, now, resetMs, retryAfterMs }: Decision): object {
  const retryInSeconds = Math.ceil((retryAfterMs ?? resetMs) / 1000)
  // Nobody counted: there is no limit to tell.
  if (code === 'LIMITER_UNAVAILABLE') return { message: 'Please try again later.', retryInSeconds }
  return {
    message: 'Too many requests, please try again later.',
    rateLimit: { limit, current: used, remaining, resetTime: new Date(now + resetMs) },
    retryInSeconds,
  }
}

/** @param options the store to count in, and the clock of a test */
export function createApp(options: RateLimitDefaults<Koa.Context> = {}): Koa {
  const app = new Koa()
  const router = new Router()

  app.use(
    rateLimit({
      ...options,
      name: 'xola',
      policy: fixedWindow({ limit: 900, window: '30m', start: 'first', chargeRefused: true }),
      key: firstOf(allOf(user, seller), user, byIp()),
      headers: [floored],
      body: refusal,
    }),
  )

  router.get('/api/experiences', (ctx) => {
    ctx.body = { data: [{ id: 'kayak', name: 'Kayaking at dawn' }] }
  })
  router.post('/api/orders', (ctx) => {
    ctx.status = 201
    ctx.body = { id: 'order' }
  })

  app.use(router.routes())
  return app
}
