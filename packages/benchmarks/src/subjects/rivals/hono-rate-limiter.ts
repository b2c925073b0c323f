import { type HonoConfigType, MemoryStore } from 'hono-rate-limiter'
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
} satisfies Subject
