import LocalStore, { type Entry } from '@fastify/rate-limit/store/LocalStore.js'
import { asked, type Subject } from '../../subject.js'

export default {
  name: '@fastify/rate-limit',
  algorithm: 'fixed window',
  memory: {
    make({ limit, windowMs, maxKeys }) {
      const store = new LocalStore(false, false, maxKeys)
      let entry: Entry
      const keep = (_error: null, incremented: Entry) => {
        entry = incremented
      }
      return asked(
        (key) => {
          store.incr(key, keep, windowMs, limit)
          return entry
        },
        ({ current }) => current <= limit,
      )
    },
  },
} satisfies Subject
