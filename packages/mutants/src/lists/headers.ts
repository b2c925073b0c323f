import type { Mutants } from '../mutant.js'

const tests = [
  'packages/core/src/http/headers/headers.test.ts',
  'packages/core/src/http/gate.test.ts',
  'packages/core/src/http/body.test.ts',
]

export const dialect: Mutants = {
  file: 'packages/core/src/http/headers/dialect.ts',
  tests,
  changes: [
    ['seconds are rounded down', 'Math.ceil(ms / 1000)', 'Math.floor(ms / 1000)'],
    ['seconds are rounded to the nearest', 'Math.ceil(ms / 1000)', 'Math.round(ms / 1000)'],
    [
      'a refusal tells the reset',
      'state.allowed ? state.resetMs : (state.retryAfterMs ?? state.resetMs)',
      'state.resetMs',
    ],
    [
      'a refusal that no wait helps tells none',
      '(state.retryAfterMs ?? state.resetMs)',
      '(state.retryAfterMs ?? 0)',
    ],
  ],
}

export const xRateLimit: Mutants = {
  file: 'packages/core/src/http/headers/x-ratelimit.ts',
  tests,
  changes: [
    [
      'the reset is a second too early',
      'seconds(decision.now + untilMs(decision))',
      'Math.floor((decision.now + untilMs(decision)) / 1000)',
    ],
    [
      'the reset is the sum of two that were rounded',
      'seconds(decision.now + untilMs(decision))',
      'seconds(decision.now) + seconds(untilMs(decision))',
    ],
  ],
}

export const headers: Mutants = {
  file: 'packages/core/src/http/headers/headers.ts',
  tests,
  changes: [
    ['a refusal does not bind', 'if (!other.allowed || !best.allowed) return !other.allowed\n', ''],
    [
      'the first refusal binds',
      'if (!other.allowed || !best.allowed) return !other.allowed',
      'if (!other.allowed || !best.allowed) return best.allowed',
    ],
    [
      'the largest share binds',
      'other.remaining / other.limit < best',
      'other.remaining / other.limit > best',
    ],
    [
      'the fewest units bind',
      'other.remaining / other.limit < best.remaining / best.limit',
      'other.remaining < best.remaining',
    ],
    ['what nobody counted is told', " || decision.source === 'fallback'", ''],
    ['shadow policies are told', '!shadow && (!hidden', '(!hidden'],
    ['hidden policies are told', '(!hidden || !allowed)', 'true'],
    ['hidden policies are not told when they refuse', '(!hidden || !allowed)', '!hidden'],
    [
      'others are told where the binding policy is hidden',
      'if (!visible.some(([name]) => name === decision.policy)) return undefined\n',
      '',
    ],
    [
      'limiters speak dialects that are not theirs',
      'shown.filter(({ dialects }) => dialects.includes(dialect)).map',
      'shown.map',
    ],
  ],
}

export const gate: Mutants = {
  file: 'packages/core/src/http/gate.ts',
  tests,
  changes: [
    [
      'Retry-After is rounded down',
      'String(seconds(retryAfterMs))',
      'String(Math.floor(retryAfterMs / 1000))',
    ],
    [
      'Retry-After is sent where no wait helps',
      "if (retryAfterMs !== null) headers.push(['Retry-After', String(seconds(retryAfterMs))])",
      "headers.push(['Retry-After', String(seconds(retryAfterMs ?? 0))])",
    ],
    ['a shadow delays', 'shadow ? 0 : (decision?.delayMs ?? 0)', 'decision?.delayMs ?? 0'],
    ['an aborted request is refunded', 'if (end.aborted || end.status', 'if (end.status'],
    ['a refusal further in is refunded', ' || end.refused) return', ') return'],
    ['a status of 400 is no failure', 'end.status >= 400 :', 'end.status > 400 :'],
    ['a refund is repeated', 'finished = true\n', ''],
  ],
}
