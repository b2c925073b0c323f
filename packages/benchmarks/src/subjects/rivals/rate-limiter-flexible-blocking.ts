import { RateLimiterRedis } from 'rate-limiter-flexible'
import { asked, type Subject } from '../../subject.js'

export default {
  name: 'rate-limiter-flexible, blocking in memory',
  algorithm: 'fixed window',
  redis: {
    make({ limit, windowMs }, client) {
      const options = { points: limit, duration: windowMs / 1000, keyPrefix: `rlflxb:${windowMs}` }
      // Off unless it is asked for: who has used up the limit is refused from memory until the window ends.
      const limiter = new RateLimiterRedis({
        storeClient: client,
        ...options,
        inMemoryBlockOnConsumed: limit + 1,
      })
      // What is refused so has nothing counted in it.
      const isAllowed = (key: string) =>
        limiter.consume(key).then(
          () => true,
          (refusal) => {
            if (refusal instanceof Error) throw refusal
            return false
          },
        )
      return asked(isAllowed, (allowed) => allowed)
    },
  },
} satisfies Subject
