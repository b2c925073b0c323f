import type { Redis } from 'ioredis'
import { asked, type Limits, type Subject } from '../../subject.js'

function make({ limit }: Limits, client: Redis) {
  return asked(
    (key) => client.incr(`incr:${key}`),
    (hits) => hits <= limit,
  )
}

export default {
  name: 'INCR',
  algorithm: 'counts, forgets nothing',
  redis: {
    make,
    // The floor is one command, under however many policies.
    makeSeveral: ([first], client) => make(first as Limits, client),
  },
} satisfies Subject
