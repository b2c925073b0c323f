import koa2 from 'koa2-ratelimit'
import { asked, type Subject } from '../../subject.js'

export default {
  name: 'koa2-ratelimit',
  algorithm: 'fixed window',
  memory: {
    make({ limit, windowMs }) {
      const store = new koa2.Stores.Memory()
      // All its stores share one table. What is not one limiter's own is told apart by a prefix.
      const prefix = `${windowMs}|`
      return asked(
        (key) => store.incr(prefix + key, { interval: windowMs }, 1),
        ({ counter }) => counter <= limit,
      )
    },
    most: { keys: 1_000, because: 'each call visits every key' },
  },
  http: {
    koa: async ({ limit, windowMs }) => koa2.RateLimit.middleware({ max: limit, interval: windowMs }),
  },
} satisfies Subject
