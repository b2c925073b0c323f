import type { Decision, PolicyState } from '@spillway/core'
import { asked, type Limits, type Memory, type Subject } from '../../subject.js'

/** Of one bucket: the level in parts of a unit that drain in a ms, and when it was that. */
type State = [level: number, time: number]

/** What ours answers, made by hand in one function: exact, and with nothing checked, given up or kept apart. */
function decider({ limit, windowMs }: Limits) {
  const states = new Map<string, State>()
  const room = limit * windowMs

  return function decide(key: string): Decision {
    const now = Date.now()
    let state = states.get(key)
    if (state === undefined) {
      state = [0, now]
      states.set(key, state)
    }
    let level = Math.max(0, state[0] - Math.max(0, now - state[1]) * limit)
    const allowed = level + windowMs <= room
    if (allowed) {
      level += windowMs
      state[0] = level
      if (now > state[1]) state[1] = now
    }
    const used = Math.ceil(level / windowMs)
    const remaining = limit - used
    const resetMs = Math.ceil(level / limit)
    const retryAfterMs = allowed ? 0 : Math.ceil((level + windowMs - room) / limit)
    const policy: PolicyState = { key, allowed, limit, windowMs, used, remaining, resetMs, retryAfterMs }
    const code = allowed ? 'OK' : 'RATE_LIMIT_EXCEEDED'
    return {
      allowed,
      code,
      policy: 'policy-0',
      limit,
      used,
      remaining,
      retryAfterMs,
      resetMs,
      delayMs: 0,
      adviseMs: 0,
      now,
      policies: { 'policy-0': policy },
      source: 'store',
      atomic: true,
    } as Decision
  }
}

const memory: Memory = {
  make(limits) {
    const decide = decider(limits)
    return asked(decide, ({ allowed }) => allowed)
  },
}

export default {
  name: 'our Decision, by hand on a Map',
  algorithm: 'token bucket',
  memory,
} satisfies Subject
