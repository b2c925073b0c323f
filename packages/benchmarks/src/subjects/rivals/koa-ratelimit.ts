import ratelimit from 'koa-ratelimit'
import MemoryLimiter from 'koa-ratelimit/limiter/memory.js'
import { asked, type Subject } from '../../subject.js'

export default {
  name: 'koa-ratelimit',
  algorithm: 'fixed window',
  memory: {
    make({ limit, windowMs }) {
      const options = { db: new Map(), max: limit, duration: windowMs }
      return asked(
        // Its middleware makes one for each request, too.
        (id) => new MemoryLimiter({ ...options, id }).get(),
        ({ remaining }) => remaining > 0,
      )
    },
  },
  http: {
    koa: async ({ limit, windowMs }) =>
      ratelimit({ driver: 'memory', db: new Map(), max: limit, duration: windowMs }),
  },
} satisfies Subject
