import { LRUCache } from 'lru-cache'
import type { Subject } from '../../subject.js'
import { bucketOn } from './bucket.js'

export default {
  name: 'hand-written on lru-cache',
  algorithm: 'token bucket',
  memory: { make: (limits) => bucketOn(new LRUCache({ max: limits.maxKeys }), limits) },
} satisfies Subject
