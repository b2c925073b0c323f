import { memoryStore } from '@joint-ops/hitlimit'
import { asked, type Subject } from '../../subject.js'

export default {
  name: '@joint-ops/hitlimit',
  algorithm: 'fixed window',
  memory: {
    make({ limit, windowMs }) {
      const store = memoryStore()
      return asked(
        (key) => store.hit(key, windowMs, limit),
        ({ count }) => count <= limit,
      )
    },
  },
} satisfies Subject
