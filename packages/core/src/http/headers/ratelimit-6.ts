import { type HeaderDialect, quotaPolicy, seconds, untilMs } from './dialect.js'

/**
 * `RateLimit-Limit`, `-Remaining` and `-Reset` (seconds) of the binding policy.
 * @see draft-ietf-httpapi-ratelimit-headers-06, section 5
 */
export const rateLimit6: HeaderDialect = function rateLimit6(decision) {
  const { limit, remaining } = decision
  return {
    ...quotaPolicy(decision),
    'RateLimit-Limit': String(limit),
    'RateLimit-Remaining': String(remaining),
    'RateLimit-Reset': String(seconds(untilMs(decision))),
  }
}
