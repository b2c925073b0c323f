import { MemoryStore, type Options, rateLimit } from 'express-rate-limit'
import { asked, type Subject } from '../../subject.js'

export default {
  name: 'express-rate-limit',
  algorithm: 'fixed window',
  memory: {
    make({ limit, windowMs }) {
      const store = new MemoryStore()
      store.init({ windowMs } as Options)
      return asked(
        (key) => store.increment(key),
        ({ totalHits }) => totalHits <= limit,
      )
    },
  },
  http: {
    express: async ({ limit, windowMs }) => rateLimit({ limit, windowMs }),
  },
} satisfies Subject
