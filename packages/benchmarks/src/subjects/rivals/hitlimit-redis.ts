import { redisStore } from '@joint-ops/hitlimit/stores/redis'
import { asked, type Subject } from '../../subject.js'

export default {
  name: '@joint-ops/hitlimit',
  algorithm: 'fixed window',
  redis: {
    make({ limit, windowMs }, client) {
      // It connects by itself.
      const store = redisStore({
        url: `redis://127.0.0.1:${client.options.port}`,
        keyPrefix: `hitlimit:${windowMs}:`,
      })
      return asked(
        async (key) => store.hit(key, windowMs, limit),
        ({ count }) => count <= limit,
      )
    },
  },
} satisfies Subject
