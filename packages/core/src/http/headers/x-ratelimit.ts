import { bindingState, type HeaderDialect, seconds, untilMs } from './dialect.js'

/** `X-RateLimit-Limit`, `-Remaining`, `-Reset` (epoch seconds) and `-Window` (seconds) of the binding policy. */
export const xRateLimit: HeaderDialect = function xRateLimit(decision) {
  return {
    'X-RateLimit-Limit': String(decision.limit),
    'X-RateLimit-Remaining': String(decision.remaining),
    'X-RateLimit-Reset': String(seconds(decision.now + untilMs(decision))),
    'X-RateLimit-Window': String(seconds(bindingState(decision).windowMs)),
  }
}
