import { type HeaderDialect, quotaPolicy, seconds, untilMs } from './dialect.js'

/**
 * One `RateLimit` header with the binding policy's limit, remaining and reset.
 * @see draft-ietf-httpapi-ratelimit-headers-07, section 5
 */
export const rateLimit7: HeaderDialect = function rateLimit7(decision) {
  const { limit, remaining } = decision
  return {
    ...quotaPolicy(decision),
    RateLimit: `limit=${limit}, remaining=${remaining}, reset=${seconds(untilMs(decision))}`,
  }
}
