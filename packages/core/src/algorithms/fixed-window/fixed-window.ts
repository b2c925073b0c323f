import { type Duration, milliseconds } from '../../duration.js'
import { checkOneOf } from '../../options.js'
import {
  checkCount,
  checkPolicyOptions,
  createPolicy,
  type Policy,
  type PolicyOptions,
} from '../../policy.js'
import { fixed } from './window.js'

export interface FixedWindowOptions extends PolicyOptions {
  limit: number
  window: Duration
  /** Where windows begin: on multiples of `window` since 1970, or at a caller's first request. @default 'epoch' */
  start?: 'epoch' | 'first'
}

/**
 * One counter that starts over each `window`. Across an edge up to twice `limit` can pass within one window's length.
 * @throws SpillwayError `LIMIT_INVALID`, `LIMIT_TOO_LARGE`, `WINDOW_INVALID`, `OPTION_INVALID`, `OPTION_UNKNOWN`
 */
export function fixedWindow(options: FixedWindowOptions): Policy {
  checkPolicyOptions(options, ['limit', 'window', 'start'], 'fixedWindow')
  const { limit, start = 'epoch' } = options
  checkCount(limit, 'limit')
  checkOneOf(start, ['epoch', 'first'], 'start')
  const length = milliseconds(options.window, 'window')
  const algorithm = fixed({
    kind: 'fixed-window',
    meaning: [length, start],
    configuration: [],
    length,
    floats: start === 'first',
  })
  return createPolicy({ algorithm, limit }, options)
}
