import RedisLimiter from 'koa-ratelimit/limiter/redis.js'
import { asked, type Subject } from '../../subject.js'

export default {
  name: 'koa-ratelimit',
  algorithm: 'sliding log',
  redis: {
    make({ limit, windowMs }, db) {
      const options = { db, max: limit, duration: windowMs }
      return asked(
        // Its middleware makes one for each request, too.
        (key) => new RedisLimiter({ ...options, id: `${windowMs}:${key}` }).get(),
        ({ remaining }) => remaining > 0,
      )
    },
  },
} satisfies Subject
