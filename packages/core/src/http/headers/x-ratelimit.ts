import type { Decision } from '../../decision.js'
import { bindingState, seconds, untilMs } from './dialect.js'

/**
 * `X-RateLimit-Limit`, `-Remaining`, `-Reset` (epoch seconds) and `-Window` (seconds) of the binding policy. Slots have no
 * window, and their reset is when the last lease would end. Nothing where nobody counted, or nothing limits. Sent by
 * `headers: ['x-ratelimit']`; as a function it is for answers of your own.
 */
export function xRateLimit(decision: Decision): Readonly<Record<string, string>> {
  if (decision.source === 'fallback' || decision.limit === Number.POSITIVE_INFINITY) return {}
  const { windowMs, slots } = bindingState(decision)
  const headers: Record<string, string> = {
    'X-RateLimit-Limit': String(decision.limit),
    'X-RateLimit-Remaining': String(decision.remaining),
    'X-RateLimit-Reset': String(seconds(decision.now + untilMs(decision))),
  }
  if (!slots) headers['X-RateLimit-Window'] = String(seconds(windowMs))
  return headers
}
