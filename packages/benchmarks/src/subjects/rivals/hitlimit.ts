import { hitlimit, memoryStore } from '@joint-ops/hitlimit'
import { asked, type Subject } from '../../subject.js'

/** Both vocabularies are its default; the others write one. */
const headers = { standard: false, legacy: true }

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
  http: {
    express: async ({ limit, windowMs }) => hitlimit({ limit, window: windowMs, headers }),
    async hono({ limit, windowMs }) {
      const { hitlimit } = await import('@joint-ops/hitlimit/hono')
      return hitlimit({ limit, window: windowMs, headers })
    },
    notes: { hono: 'knows clients by X-Forwarded-For alone: without it all are one' },
  },
} satisfies Subject
