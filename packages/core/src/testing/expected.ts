import type { Decision, PolicyState } from '../decision.js'
import { holds, same } from './check.js'
import { waitFor } from './oracle.js'
import type { Asked } from './track.js'

/** Checks a decision against what the oracles say now that it has been charged. */
export function checkDecision(decision: Decision, asked: readonly Asked[], now: number): void {
  const passed = asked.every(({ alone, subject }) => alone || subject.policy.shadow)
  same(decision.allowed, passed, 'allowed')
  const names = asked.map(({ name }) => name)
  same(Object.keys(decision.policies), names, 'policies')
  for (const part of asked) checkPolicy(decision.policies[part.name] as PolicyState, part, passed, now)

  const binding = bindingOf(asked, passed, now)
  same(decision.policy, binding.name, 'the binding policy')
  const { limit, used, remaining, resetMs, retryAfterMs } = decision.policies[binding.name] as PolicyState
  const { policy } = binding.subject
  const delays = asked.map(({ alone, delayMs, subject }) => (alone && !subject.policy.shadow ? delayMs : 0))
  same(
    decision,
    {
      allowed: passed,
      code: passed ? 'OK' : binding.fits || binding.limit === 0 ? policy.code : 'COST_EXCEEDS_LIMIT',
      policy: binding.name,
      limit,
      used,
      remaining,
      retryAfterMs: passed ? 0 : retryAfterMs,
      resetMs,
      delayMs: passed ? Math.max(...delays) : 0,
      adviseMs: 0,
      now,
      policies: decision.policies,
      source: 'store',
      atomic: true,
    },
    'the decision',
  )
}

function checkPolicy(state: PolicyState, part: Asked, passed: boolean, now: number): void {
  const { name, subject, cost, limit, fits, alone } = part
  const { oracle } = part.track
  const { remaining, resetMs, retryAfterMs: wait } = state
  const allowed = alone && (passed || oracle.admits(now, cost, limit))
  const capacity = limit === 0 ? 0 : subject.capacity(limit)
  const own = (what: string) => `${name}.${what}`

  same(state.allowed, allowed, own('allowed'))
  same(state.key, part.key, own('key'))
  same(state.limit, subject.soft ? limit : capacity, own('limit'))
  same(state.used, oracle.used(now, limit), own('used'))
  holds(
    Number.isSafeInteger(state.windowMs) && state.windowMs > 0,
    () => `${name}.windowMs ${state.windowMs}`,
  )

  if (subject.soft) same(remaining, Math.max(0, limit - state.used), own('remaining'))
  else if (capacity === 0) same(remaining, 0, own('remaining'))
  else {
    if (remaining > 0) holds(oracle.admits(now, remaining, limit), () => `${name}: ${remaining} are not left`)
    const more = remaining + 1
    holds(
      more > capacity || !oracle.admits(now, more, limit),
      () => `${name}: more than ${remaining} are left`,
    )
  }

  holds(resetMs >= 0 && oracle.idle(now + resetMs), () => `${name}: not full again after ${resetMs} ms`)
  holds(resetMs === 0 || !oracle.idle(now + resetMs - 1), () => `${name}: full before ${resetMs} ms`)

  if (allowed || !fits) same(wait, allowed ? 0 : null, own('retryAfterMs'))
  else {
    const isExact =
      wait !== null &&
      wait > 0 &&
      oracle.admits(now + wait, cost, limit) &&
      !oracle.admits(now + wait - 1, cost, limit)
    holds(isExact, () => `${name}: waits ${wait} ms, not ${waitFor(oracle, now, cost, limit)} ms`)
  }
}

/** Guarantee G2, as it is written. */
function bindingOf(asked: readonly Asked[], passed: boolean, now: number): Asked {
  const wait = ({ track, cost, limit, fits }: Asked) =>
    fits ? waitFor(track.oracle, now, cost, limit) : Number.POSITIVE_INFINITY
  const shown = asked.filter(({ subject }) => !subject.policy.shadow)
  if (!passed) {
    const refusing = shown.filter((part) => !part.alone || wait(part) > 0)
    return first(refusing, (a, b) => (wait(a) === wait(b) ? 0 : wait(b) - wait(a)))
  }

  const open = shown.filter(({ subject }) => !subject.policy.hidden)
  const candidates = [open, shown, asked].find(({ length }) => length > 0) as readonly Asked[]
  return first(candidates, (a, b) => share(a, now) - share(b, now) || wait(b) - wait(a))
}

function share({ subject, limit, track }: Asked, now: number): number {
  if (limit === 0 || !track.oracle.admits(now, 1, limit)) return 0
  const capacity = subject.soft ? limit : subject.capacity(limit)
  return Math.max(0, capacity - track.oracle.used(now, limit)) / capacity
}

/** The least, and of several the one written first. */
function first(asked: readonly Asked[], compare: (a: Asked, b: Asked) => number): Asked {
  return asked.reduce((best, other) => (compare(other, best) < 0 ? other : best))
}
