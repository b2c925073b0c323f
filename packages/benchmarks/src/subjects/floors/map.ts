import { asked, type Subject } from '../../subject.js'

export default {
  name: 'Map.get + count',
  algorithm: 'counts, forgets nothing',
  memory: {
    make({ limit }) {
      const counters = new Map<string, { hits: number }>()
      return asked(
        (key) => {
          const counter = counters.get(key)
          if (counter !== undefined) return ++counter.hits
          counters.set(key, { hits: 1 })
          return 1
        },
        (hits) => hits <= limit,
      )
    },
  },
} satisfies Subject
