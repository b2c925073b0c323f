import type { Decision, PolicyState } from '../../decision.js'

/**
 * A vocabulary of response headers: what to send for the binding decision of this request, and for all of its limiters,
 * outermost first. Hidden policies that did not refuse, and shadow ones, are not in it.
 */
export type HeaderDialect = (decision: Decision, all: readonly Decision[]) => Readonly<Record<string, string>>

/** What clients may see of a decision; nothing when nobody counted, or when the binding policy is not theirs to see. */
export function forClients(decision: Decision): Decision | undefined {
  const policies = decision.policies as Record<string, PolicyState>
  const names = Object.keys(policies)
  if (names.length === 0 || decision.source === 'fallback') return undefined
  const isShown = (name: string) => isVisible(policies[name] as PolicyState)
  if (names.every(isShown)) return decision
  const visible = names.filter(isShown)
  if (!visible.includes(decision.policy)) return undefined
  return { ...decision, policies: Object.fromEntries(visible.map((name) => [name, policies[name]])) }
}

/** Whether clients may know of a policy. */
function isVisible({ shadow, hidden, allowed }: PolicyState): boolean {
  return !shadow && (!hidden || !allowed)
}

/** Whole seconds, rounded up: a client that waits them never comes too early. */
export function seconds(ms: number): number {
  return Math.ceil(ms / 1000)
}

/** When a client should look again: the moment to retry on a refusal, else when the policy is full again. */
export function untilMs(state: Pick<PolicyState, 'allowed' | 'resetMs' | 'retryAfterMs'>): number {
  return state.allowed ? state.resetMs : (state.retryAfterMs ?? state.resetMs)
}

/** What drafts 6 and 7 say of the binding policy: a limit per window, so nothing of one that has none. */
export function quotaPolicy(decision: Decision): Record<string, string> {
  const { limit, windowMs, slots } = bindingState(decision)
  return slots ? {} : { 'RateLimit-Policy': `${limit};w=${seconds(windowMs)}` }
}

/** The binding policy's own state. */
export function bindingState(decision: Decision): PolicyState {
  return decision.policies[decision.policy] as PolicyState
}
