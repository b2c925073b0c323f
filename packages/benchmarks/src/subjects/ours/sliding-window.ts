import { slidingWindow } from '@spillway/core'
import { asked, type Http, type Limits, type Memory, type Subject } from '../../subject.js'
import { limiterOf } from './limiter.js'

function makeSeveral(limits: readonly Limits[]) {
  const limiter = limiterOf(({ limit, windowMs }) => slidingWindow({ limit, window: windowMs }), limits)
  return asked(
    (key) => limiter.consumeSync(key),
    ({ allowed }) => allowed,
  )
}

const memory: Memory = { make: (limits) => makeSeveral([limits]), makeSeveral }

const http: Http = {
  express: async ({ limit, windowMs }) =>
    (await import('@spillway/express')).rateLimit({ limit, window: windowMs }),
  koa: async ({ limit, windowMs }) => (await import('@spillway/koa')).rateLimit({ limit, window: windowMs }),
  hono: async ({ limit, windowMs }) =>
    (await import('@spillway/hono')).rateLimit({ limit, window: windowMs }),
}

export default {
  name: 'spillway slidingWindow',
  algorithm: 'sliding window, 60 segments',
  memory,
  http,
} satisfies Subject
