import { type HonoConfigType, MemoryStore, rateLimiter } from 'hono-rate-limiter'
import { asked, type Subject } from '../../subject.js'

export default {
  name: 'hono-rate-limiter',
  algorithm: 'fixed window',
  memory: {
    make({ limit, windowMs }) {
      const store = new MemoryStore()
      store.init({ windowMs } as HonoConfigType)
      return asked(
        (key) => store.increment(key),
        ({ totalHits }) => totalHits <= limit,
      )
    },
  },
  http: {
    async hono({ limit, windowMs }) {
      const { getConnInfo } = await import('@hono/node-server/conninfo')
      return rateLimiter({ limit, windowMs, keyGenerator: (c) => getConnInfo(c).remote.address ?? '' })
    },
  },
} satisfies Subject
