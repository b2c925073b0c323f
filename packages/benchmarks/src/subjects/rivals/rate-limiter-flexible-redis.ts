import { RateLimiterRedis } from 'rate-limiter-flexible'
import { asked, type Subject } from '../../subject.js'

export default {
  name: 'rate-limiter-flexible',
  algorithm: 'fixed window',
  redis: {
    make({ limit, windowMs }, client) {
      const options = { points: limit, duration: windowMs / 1000, keyPrefix: `rlflx:${windowMs}` }
      const limiter = new RateLimiterRedis({ storeClient: client, ...options })
      return asked(
        // A refusal is a rejection with a result of the same kind.
        (key) => limiter.consume(key),
        ({ consumedPoints }) => consumedPoints <= limit,
      )
    },
  },
} satisfies Subject
