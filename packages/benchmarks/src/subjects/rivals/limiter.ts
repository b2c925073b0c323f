import { RateLimiter } from 'limiter'
import { asked, type Subject } from '../../subject.js'

export default {
  name: 'limiter',
  algorithm: 'token bucket and fixed window',
  memory: {
    make({ limit, windowMs }) {
      // It knows no keys: there is one for each.
      const limiters = new Map<string, RateLimiter>()
      return asked(
        (key) => {
          let limiter = limiters.get(key)
          if (limiter === undefined) {
            limiter = new RateLimiter({ tokensPerInterval: limit, interval: windowMs })
            limiters.set(key, limiter)
          }
          return limiter.tryRemoveTokens(1)
        },
        (allowed) => allowed,
      )
    },
  },
} satisfies Subject
