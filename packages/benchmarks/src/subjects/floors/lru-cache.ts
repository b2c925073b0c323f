import { LRUCache } from 'lru-cache'
import { asked, type Subject } from '../../subject.js'

export default {
  name: 'lru-cache get + set',
  algorithm: 'counts, forgets the longest unused',
  memory: {
    make({ limit, maxKeys }) {
      const counters = new LRUCache<string, number>({ max: maxKeys })
      return asked(
        (key) => {
          const hits = (counters.get(key) ?? 0) + 1
          counters.set(key, hits)
          return hits
        },
        (hits) => hits <= limit,
      )
    },
  },
} satisfies Subject
