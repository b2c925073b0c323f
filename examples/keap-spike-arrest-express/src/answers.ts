import type { Decision, HeaderDialect, PolicyState } from '@spillway/express'

const UNITS: Readonly<Record<number, string>> = { 1000: 'second', 60000: 'minute', 86400000: 'day' }
const unitOf = ({ windowMs }: PolicyState) => UNITS[windowMs] ?? `${windowMs} ms`

/** The quota is the day's. The throttle is the second's or the minute's, of which a smaller share is left. */
export const keap: HeaderDialect = function keap({ now, policies }) {
  const { second, minute, day } = policies as Record<'minute' | 'day', PolicyState> & { second?: PolicyState }
  const throttle = second !== undefined && shareOf(second) < shareOf(minute) ? second : minute
  return {
    ...group('quota', day),
    // Days of UTC are multiples of their length since 1970. `resetMs` is 0 while nothing is used.
    'x-keap-product-quota-expiry-time': `${now - (now % day.windowMs) + day.windowMs}`,
    ...group('throttle', throttle),
  }
}

function group(name: 'quota' | 'throttle', state: PolicyState): Record<string, string> {
  const prefix = `x-keap-product-${name}`
  return {
    [`${prefix}-limit`]: `${state.limit}`,
    [`${prefix}-time-unit`]: unitOf(state),
    [`${prefix}-interval`]: '1',
    [`${prefix}-available`]: `${state.remaining}`,
    [`${prefix}-used`]: `${state.used}`,
  }
}

function shareOf({ remaining, limit }: PolicyState): number {
  return remaining / limit
}

/** The API's shape, whose `details` were null. */
export function refusal({ code, policy, policies, limit, retryAfterMs }: Decision): object {
  if (code === 'LIMITER_UNAVAILABLE') {
    const details = `the limits cannot be counted; ask again in ${retryAfterMs} ms`
    return { code: '503', message: 'Service Unavailable', status: 'Unavailable', details }
  }
  const refuser = policies[policy] as PolicyState
  const { spacing } = refuser
  return {
    code: '429',
    message: policy === 'spike' ? 'Spike limit exceeded' : 'Quota Exceeded',
    status: 'Request Throttled',
    details: spacing
      ? `needs ${spacing.wantedMs} ms between calls; this came ${spacing.seenMs} ms after the previous`
      : `allows ${limit} calls per ${unitOf(refuser)}; the next one in ${retryAfterMs} ms`,
  }
}
