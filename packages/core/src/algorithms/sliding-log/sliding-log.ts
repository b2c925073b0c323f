import { type Duration, milliseconds } from '../../duration.js'
import { SpillwayError } from '../../errors.js'
import {
  checkCount,
  checkPolicyOptions,
  createPolicy,
  type Policy,
  type PolicyOptions,
} from '../../policy.js'
import { log } from '../sliding-window/log.js'

export interface SlidingLogOptions extends Omit<PolicyOptions, 'chargeRefused'> {
  /** The most units in any `window`, at most 1,000. */
  limit: number
  window: Duration
}

const MAX_LIMIT = 1000

/**
 * Remembers every charge: never more than `limit` units in any `window`, each freed on its very millisecond.
 * @throws SpillwayError `LIMIT_INVALID`, `LIMIT_TOO_LARGE`, `WINDOW_INVALID`, `OPTION_CONFLICT`, `OPTION_UNKNOWN`
 */
export function slidingLog(options: SlidingLogOptions): Policy {
  checkPolicyOptions(options, ['limit', 'window'], 'slidingLog')
  if ((options as PolicyOptions).chargeRefused) {
    throw new SpillwayError(
      'OPTION_CONFLICT',
      'slidingLog cannot take `chargeRefused`: its log would grow with every refusal; use slidingWindow.',
    )
  }
  checkCount(options.limit, 'limit')
  const window = milliseconds(options.window, 'window')
  const algorithm = log({ kind: 'sliding-log', window, entries: MAX_LIMIT, segment: 1, check: checkLogLimit })
  return createPolicy({ algorithm, limit: options.limit }, options)
}

function checkLogLimit(limit: number): void {
  if (limit > MAX_LIMIT) {
    throw new SpillwayError(
      'LIMIT_TOO_LARGE',
      `slidingLog remembers each charge, so its limit is at most ${MAX_LIMIT}, not ${limit}; use slidingWindow.`,
    )
  }
}
