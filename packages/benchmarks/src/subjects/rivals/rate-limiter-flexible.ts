import { RateLimiterMemory } from 'rate-limiter-flexible'
import { asked, type Subject } from '../../subject.js'

export default {
  name: 'rate-limiter-flexible',
  algorithm: 'fixed window',
  memory: {
    make({ limit, windowMs }) {
      const limiter = new RateLimiterMemory({ points: limit, duration: windowMs / 1000 })
      return asked(
        // A refusal is a rejection with a result of the same kind.
        (key) => limiter.consume(key),
        ({ consumedPoints }) => consumedPoints <= limit,
      )
    },
  },
} satisfies Subject
