import { type Duration, milliseconds } from '../../duration.js'
import {
  checkCount,
  checkPolicyOptions,
  createPolicy,
  type Policy,
  type PolicyOptions,
} from '../../policy.js'
import { counter } from './counter.js'

export interface SlidingCounterOptions extends PolicyOptions {
  limit: number
  window: Duration
}

/**
 * Two counters, the cheapest approximation: the previous window's count fades as the current one passes. In the worst
 * window just under twice `limit` can pass; {@link slidingWindow} never lets that happen.
 * @throws SpillwayError `LIMIT_INVALID`, `LIMIT_TOO_LARGE`, `WINDOW_INVALID`, `OPTION_UNKNOWN`
 */
export function slidingCounter(options: SlidingCounterOptions): Policy {
  checkPolicyOptions(options, ['limit', 'window'], 'slidingCounter')
  checkCount(options.limit, 'limit')
  const algorithm = counter(milliseconds(options.window, 'window'))
  return createPolicy({ algorithm, limit: options.limit }, options)
}
