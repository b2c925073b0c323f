import { slidingWindow } from '@spillway/core'
import type { Subject } from '../../subject.js'
import { inRedis } from './limiter-in-redis.js'

export default {
  name: 'spillway slidingWindow',
  algorithm: 'sliding window, 60 segments',
  redis: inRedis(({ limit, windowMs }) => slidingWindow({ limit, window: windowMs })),
} satisfies Subject
