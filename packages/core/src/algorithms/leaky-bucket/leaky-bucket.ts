import { type Duration, milliseconds } from '../../duration.js'
import {
  checkCount,
  checkPolicyOptions,
  createPolicy,
  type Policy,
  type PolicyOptions,
} from '../../policy.js'
import { meter } from '../meter/meter.js'

export interface LeakyBucketOptions extends PolicyOptions {
  /** Units started per `window`, evenly spaced. */
  limit: number
  window: Duration
  /** How many units may wait for their turn; 0 lets only what can start at once in. */
  queue: number
}

/**
 * A shaper: admits up to `queue` waiting units and says by `delayMs` when each starts, so that starts keep an even pace.
 * What was admitted is not refunded: later starts were promised around it.
 * @throws SpillwayError `LIMIT_INVALID`, `LIMIT_TOO_LARGE`, `WINDOW_INVALID`, `RATE_UNREACHABLE`, `OPTION_UNKNOWN`
 */
export function leakyBucket(options: LeakyBucketOptions): Policy {
  checkPolicyOptions(options, ['limit', 'window', 'queue'], 'leakyBucket')
  const { limit, queue } = options
  checkCount(limit, 'limit')
  checkCount(queue, 'queue', 0)
  const algorithm = meter({
    kind: 'leaky-bucket',
    period: milliseconds(options.window, 'window'),
    capacity: queue + 1,
    advice: (units) => `\`queue: ${units - 1}\``,
    shapes: true,
    configuration: [queue],
  })
  return createPolicy({ algorithm, limit }, options)
}
