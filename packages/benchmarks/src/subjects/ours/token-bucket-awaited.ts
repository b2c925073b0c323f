import { tokenBucket } from '@spillway/core'
import { asked, type Limits, type Memory, type Subject } from '../../subject.js'
import { limiterOf } from './limiter.js'

function makeSeveral(limits: readonly Limits[]) {
  const limiter = limiterOf(({ limit, windowMs }) => tokenBucket({ limit, window: windowMs }), limits)
  return asked(
    (key) => limiter.consume(key),
    ({ allowed }) => allowed,
  )
}

const memory: Memory = { make: (limits) => makeSeveral([limits]), makeSeveral }

export default { name: 'spillway tokenBucket, awaited', algorithm: 'token bucket', memory } satisfies Subject
