import type { Decision } from '../../decision.js'
import { bindingState, forClients, seconds, untilMs } from './dialect.js'

/** Decisions of a shadow, of which nothing is sent. */
const kept = new WeakSet<Decision>()

export function keepToYourself(decision: Decision): void {
  kept.add(decision)
}

/**
 * `X-RateLimit-Limit`, `-Remaining`, `-Reset` (epoch seconds) and `-Window` (seconds) of the binding policy. Slots have no
 * window, and their reset is when the last lease would end. Sent by `headers: ['x-ratelimit']`; as a function it is for answers
 * of your own. Nothing where that sends nothing: without a decision, where nobody counted, nothing limits or all only watches,
 * and of a hidden policy that did not refuse.
 */
export function xRateLimit(decision: Decision | undefined): Readonly<Record<string, string>> {
  const shown = decision === undefined || kept.has(decision) ? undefined : forClients(decision)
  return shown === undefined ? {} : xRateLimitOf(shown)
}

/** The same of what clients may see. */
export function xRateLimitOf(decision: Decision): Readonly<Record<string, string>> {
  const { slots, windowMs } = bindingState(decision)
  const headers: Record<string, string> = {
    'X-RateLimit-Limit': String(decision.limit),
    'X-RateLimit-Remaining': String(decision.remaining),
    'X-RateLimit-Reset': String(seconds(decision.now + untilMs(decision))),
  }
  if (!slots) headers['X-RateLimit-Window'] = String(seconds(windowMs))
  return headers
}
