import type { Decision } from '../decision.js'
import type { Move } from './arbitraries.js'

/** The clock stays where every wait still ends at a safe integer, and so does the sum of its steps. */
const LAST_MS = 2 ** 52 - 2 ** 44
const LONGEST_STEP_MS = 2 ** 44

/**
 * Where the clock stands after a move.
 * @param last the decision whose wait or reset it may move to
 */
export function moved(
  now: number,
  { unit, n }: Move,
  subjects: readonly { readonly scaleMs: number }[],
  last: Decision | undefined,
): number {
  const scale = Math.max(...subjects.map(({ scaleMs }) => scaleMs))
  const by = {
    ms: n,
    'window/16': Math.trunc((scale * n) / 16),
    wait: Math.max(0, (last?.retryAfterMs ?? 0) + n),
    reset: Math.max(0, (last?.resetMs ?? 0) + n),
  }[unit]
  return Math.min(Math.max(0, now + Math.min(by, LONGEST_STEP_MS)), LAST_MS)
}
