import { type Duration, milliseconds } from '../../duration.js'
import {
  checkCount,
  checkPolicyOptions,
  createPolicy,
  type Policy,
  type PolicyOptions,
} from '../../policy.js'
import { meter } from '../meter/meter.js'

export interface TokenBucketOptions extends PolicyOptions {
  /** Tokens refilled per `window`, evenly. */
  limit: number
  window: Duration
  /** The most tokens it holds. @default limit */
  burst?: number
}

/**
 * A bucket of `burst` tokens, refilled at `limit` per `window`. At most `burst + limit * d / window` units pass in any
 * time d. A caller's own limit replaces `limit`, and `burst` too where none was written.
 * @throws SpillwayError `LIMIT_INVALID`, `LIMIT_TOO_LARGE`, `WINDOW_INVALID`, `RATE_UNREACHABLE`, `OPTION_UNKNOWN`
 */
export function tokenBucket(options: TokenBucketOptions): Policy {
  checkPolicyOptions(options, ['limit', 'window', 'burst'], 'tokenBucket')
  const { limit, burst } = options
  checkCount(limit, 'limit')
  if (burst !== undefined) checkCount(burst, 'burst')
  const algorithm = meter({
    kind: 'token-bucket',
    period: milliseconds(options.window, 'window'),
    capacity: burst,
    advice: (units) => `\`burst: ${units}\``,
    configuration: [burst ?? null],
  })
  return createPolicy({ algorithm, limit }, options)
}
