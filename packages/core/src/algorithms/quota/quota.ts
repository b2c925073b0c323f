import { SpillwayError } from '../../errors.js'
import { checkOneOf } from '../../options.js'
import {
  checkCount,
  checkPolicyOptions,
  createPolicy,
  type Policy,
  type PolicyOptions,
} from '../../policy.js'
import type { Edges } from '../algorithm.js'
import { fixed } from '../fixed-window/window.js'
import { type Anchor, calendar, type Period } from './calendar.js'

export interface QuotaOptions extends PolicyOptions {
  /** Units per period. */
  limit: number
  /** The calendar period. Weeks begin on Monday. */
  period: Period
  /** The IANA time zone whose calendar counts. @default 'UTC' */
  timeZone?: string
  /**
   * When the period begins: for a month the day, 1 to 31, clamped to short months; for a week the ISO weekday, 1 (Monday)
   * to 7; for a year `{ month, day }`. @default the first
   */
  anchor?: Anchor
  /** `'allow'` admits beyond the limit too, and reports it: `used` above `limit`, `remaining` 0. @default 'deny' */
  overage?: 'deny' | 'allow'
}

/**
 * An allowance per calendar period: a counter that starts over at each local edge, never a continuous refill.
 * @throws SpillwayError `OPTION_MISSING`, `LIMIT_INVALID`, `LIMIT_TOO_LARGE`, `TIME_ZONE_INVALID`, `OPTION_INVALID`, `OPTION_UNKNOWN`
 */
export function quota(options: QuotaOptions): Policy {
  checkPolicyOptions(options, ['limit', 'period', 'timeZone', 'anchor', 'overage'], 'quota')
  const { limit, period, timeZone = 'UTC', anchor, overage = 'deny' } = options
  checkCount(limit, 'limit')
  if (period === undefined) {
    throw new SpillwayError(
      'OPTION_MISSING',
      "quota needs `period`: write 'hour', 'day', 'week', 'month' or 'year'.",
    )
  }
  checkOneOf(overage, ['deny', 'allow'], 'overage')
  const algorithm = fixed({
    kind: 'quota',
    meaning: [period, timeZone, anchorName(anchor)],
    configuration: [overage],
    soft: overage === 'allow',
  })
  return createPolicy(
    { algorithm, limit, code: 'QUOTA_EXCEEDED', edges: edgesOf(period, timeZone, anchor) },
    options,
  )
}

/** `1` is what an absent anchor means; a month and a day read the same in either order. */
function anchorName(anchor: Anchor = 1): string {
  return typeof anchor === 'object' ? `${anchor.month}-${anchor.day}` : `${anchor}`
}

function edgesOf(period: Period, timeZone: string, anchor: Anchor | undefined): (now: number) => Edges {
  try {
    return calendar(period, timeZone, anchor)
  } catch (cause) {
    const { message } = cause as RangeError
    throw new SpillwayError(
      /^unknown time zone/i.test(message) ? 'TIME_ZONE_INVALID' : 'OPTION_INVALID',
      message,
      {
        cause,
      },
    )
  }
}
