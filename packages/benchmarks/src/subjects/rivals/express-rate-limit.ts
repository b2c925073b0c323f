import { MemoryStore, type Options } from 'express-rate-limit'
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
} satisfies Subject
