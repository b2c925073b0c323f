import type { Decision, PolicyState } from '../../decision.js'
import { type HeaderDialect, seconds, untilMs } from './dialect.js'

/**
 * `RateLimit-Policy` and `RateLimit`, each a list with an item for every policy.
 * @see draft-ietf-httpapi-ratelimit-headers-11, sections 3 and 4
 */
export const rateLimit: HeaderDialect = function rateLimit(_decision, all) {
  return {
    'RateLimit-Policy': list(
      all,
      (name, { limit, windowMs, slots, unit = slots && 'concurrent-requests' }) => {
        const quotaUnit = unit === undefined ? '' : `;qu="${unit}"`
        return `"${name}";q=${integer(limit)}${quotaUnit}${slots ? '' : `;w=${seconds(windowMs)}`}`
      },
    ),
    RateLimit: list(all, (name, state) => {
      // No time gives slots back, until there are too few: then the one after which a lease ends at the latest.
      const reset = state.slots && state.allowed ? '' : `;t=${seconds(untilMs(state))}`
      return `"${name}";r=${integer(state.remaining)}${reset}`
    }),
  }
}

/** A structured field's integer has at most 15 digits. @see RFC 9651, section 3.3.1 */
function integer(count: number): number {
  return Math.min(count, 999_999_999_999_999)
}

function list(all: readonly Decision[], item: (name: string, state: PolicyState) => string): string {
  return all
    .flatMap(({ policies }) => Object.entries(policies as Record<string, PolicyState>))
    .map(([name, state]) => item(name, state))
    .join(', ')
}
