import { type Duration, milliseconds } from '../../duration.js'
import { SpillwayError, show } from '../../errors.js'
import {
  checkCount,
  checkPolicyOptions,
  createPolicy,
  type Policy,
  type PolicyOptions,
} from '../../policy.js'
import { log } from './log.js'

export interface SlidingWindowOptions extends PolicyOptions {
  /** The most units in any `window`. */
  limit: number
  window: Duration
  /** How finely charges are told apart once a window holds more of them: at most `2 * segments + 1` entries. @default 60 */
  segments?: number
}

const MAX_SEGMENTS = 1000

/**
 * Never more than `limit` units in any `window`, at any alignment. Exactly a log while the window holds at most
 * `segments` charges; beyond that a unit is freed at most `window / segments` late, never early.
 * @throws SpillwayError `LIMIT_INVALID`, `LIMIT_TOO_LARGE`, `WINDOW_INVALID`, `OPTION_INVALID`, `OPTION_UNKNOWN`
 */
export function slidingWindow(options: SlidingWindowOptions): Policy {
  checkPolicyOptions(options, ['limit', 'window', 'segments'], 'slidingWindow')
  checkCount(options.limit, 'limit')
  return slidingWindowOf(options.limit, options)
}

/** @param limit the policy's own; `undefined` when every call brings one */
export function slidingWindowOf(
  limit: number | undefined,
  options: Omit<SlidingWindowOptions, 'limit'>,
): Policy {
  const { segments = 60 } = options
  const window = milliseconds(options.window, 'window')
  if (!Number.isInteger(segments) || segments < 1 || segments > MAX_SEGMENTS) {
    throw new SpillwayError(
      'OPTION_INVALID',
      `\`segments\` is ${show(segments)}: write a whole number, 1 to ${MAX_SEGMENTS}.`,
    )
  }
  const algorithm = log({
    kind: 'sliding-window',
    window,
    entries: segments,
    segment: Math.ceil(window / segments),
    check() {},
  })
  return createPolicy({ algorithm, limit }, options)
}
