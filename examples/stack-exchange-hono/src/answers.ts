import type { Decision, Explanation, PolicyState } from '@spillway/hono'
import { error } from './caller.js'

/** What every body says too: what is left of the caller's day and, near a route's mark, how long to leave it alone. */
export function withQuota(body: object, decision: Decision | undefined): object {
  // Nothing, where nobody counted.
  if (decision === undefined || decision.source === 'fallback') return body
  const { daily, ...others } = decision.policies as Record<string, PolicyState>
  // `adviseMs` of the decision leaves out what only watches, as the routes do: it is not meant for clients.
  const near = Object.values(others).find(({ adviseMs = 0 }) => adviseMs > 0)
  return {
    ...body,
    ...(daily && leftOf(daily)),
    // After a whole window all of it is free again.
    ...(near && { backoff: near.windowMs / 1000 }),
  }
}

/** The numbers are the refuser's. */
export function violation(decision: Decision): object {
  if (decision.code === 'LIMITER_UNAVAILABLE')
    return error(503, 'temporarily_unavailable', 'try again shortly')
  return { ...error(502, 'throttle_violation', 'too many requests from this IP'), ...leftOf(decision) }
}

function leftOf({ limit, remaining }: Pick<PolicyState, 'limit' | 'remaining'>): object {
  return { quota_max: limit, quota_remaining: remaining }
}

const LEVELS = ['user and app', 'key and address', 'address']

/** What clients may see of an explanation: no keys. Times are epoch seconds, as everywhere in this API. */
export function standing({ allowed, policy, text, now, source, policies }: Explanation): object {
  const { daily } = policies
  const entries = Object.entries(policies).map(([name, own]) => {
    if (!own.counted) return [name, { text: own.text }]
    const { limit, used, remaining, resetMs } = own
    const reset = Math.ceil((now + resetMs) / 1000)
    return [name, { limit, used, remaining, reset, refuses: !own.allowed && !own.shadow, text: own.text }]
  })
  return {
    refused_by: allowed ? null : policy,
    text,
    counted_by: source,
    counted_as: daily?.counted ? LEVELS[daily.level as number] : null,
    policies: Object.fromEntries(entries),
    ...(daily?.counted && leftOf(daily)),
  }
}
