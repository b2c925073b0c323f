import type { Subject } from '../../subject.js'
import { bucketOn } from './bucket.js'

export default {
  name: 'hand-written on a Map',
  algorithm: 'token bucket',
  memory: { make: (limits) => bucketOn(new Map(), limits) },
} satisfies Subject
