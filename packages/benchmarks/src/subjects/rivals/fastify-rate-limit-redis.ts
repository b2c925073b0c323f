import RedisStore, { type Entry } from '@fastify/rate-limit/store/RedisStore.js'
import { asked, type Subject } from '../../subject.js'

export default {
  name: '@fastify/rate-limit',
  algorithm: 'fixed window',
  redis: {
    make({ limit, windowMs }, client) {
      const store = new RedisStore(false, false, client, `fastify-rate-limit-${windowMs}-`)
      return asked(
        (key) =>
          new Promise<Entry>((resolve, reject) => {
            const done = (error: Error | null, entry: Entry) => (error ? reject(error) : resolve(entry))
            store.incr(key, done, windowMs, limit)
          }),
        ({ current }) => current <= limit,
      )
    },
  },
} satisfies Subject
