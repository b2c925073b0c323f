import { tokenBucket } from '@spillway/core'
import type { Subject } from '../../subject.js'
import { inRedis } from './limiter-in-redis.js'

export default {
  name: 'spillway tokenBucket',
  algorithm: 'token bucket',
  redis: inRedis(({ limit, windowMs }) => tokenBucket({ limit, window: windowMs })),
} satisfies Subject
