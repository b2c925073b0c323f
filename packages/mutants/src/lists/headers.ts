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
    ['shadow policies are told', '!shadow && (!hidden', '(!hidden'],
    ['hidden policies are told', '(!hidden || !allowed)', 'true'],
    ['hidden policies are not told when they refuse', '(!hidden || !allowed)', '!hidden'],
    ['what nobody counted is told', " || decision.source === 'fallback'", ''],
    ['what nothing limits is told', 'names.length === 0 || ', ''],
    [
      'others are told where the binding policy is hidden',
      'if (!visible.includes(decision.policy)) return undefined\n',
      '',
    ],
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
    ['a shadow is told', ' || kept.has(decision)', ''],
    ['what clients may not see is told', 'undefined : forClients(decision)', 'undefined : decision'],
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
    ['the first limiter alone is told', 'else all.push(shown)\n', ''],
    ['the last limiter alone is told', 'if (all === undefined) spoken', 'if (all !== null) spoken'],
    ['what clients may not see is told', 'decision && forClients(decision)', 'decision'],
    ['a second dialect sends a name twice', 'headers.length === 0 && typeof', 'typeof'],
    ['a dialect of your own sends a name twice', " && typeof dialect === 'string'\n", '\n'],
    ['a dialect named twice is asked twice', '[...new Set(headers)]', 'headers'],
    ['an earlier dialect has the last word', 'headers[i] = [name, value]\n', ''],
    ['a name spelled otherwise is another', 'known.toLowerCase() === name.toLowerCase()', 'known === name'],
    ['names of one length are one', ' && known.toLowerCase() === name.toLowerCase()', ''],
  ],
}

export const gate: Mutants = {
  file: 'packages/core/src/http/gate.ts',
  tests: [...tests, 'packages/core/src/http/explain.test.ts'],
  changes: [
    [
      'Retry-After is rounded down',
      'String(seconds(retryAfterMs))',
      'String(Math.floor(retryAfterMs / 1000))',
    ],
    [
      'Retry-After is sent where no wait helps',
      "if (retryAfterMs !== null) setHeader(headers, 'Retry-After', String(seconds(retryAfterMs)))",
      "setHeader(headers, 'Retry-After', String(seconds(retryAfterMs ?? 0)))",
    ],
    ['what is skipped is explained', 'const asked = skipped ? [] : await', 'const asked = await'],
    ['what is skipped is left out by `when`', "skipped ? 'skip' : 'when'", "'when'"],
    ['a shadow is explained as if it refused', 'shadow ? watching(own) : own', 'own'],
    ['all that is explained only watches', 'shadow ? watching(own) : own', 'watching(own)'],
    ['the level is not explained', 'input.level === undefined ? own :', 'true ? own :'],
    ['what has no level has one', 'input.level === undefined ? own :', 'false ? own :'],
    ['a body of your own is told 429', 'body(decision, req, status)', 'body(decision, req, 429)'],
    ['the decision of a shadow may be told', 'if (shadow) keepToYourself(decision)\n', ''],
    ['nothing is told', 'if (shadow) keepToYourself', 'keepToYourself'],
    ['a shadow delays', 'shadow ? 0 : (decision?.delayMs ?? 0)', 'decision?.delayMs ?? 0'],
    ['a shadow waits', 'const waits = !shadow && ', 'const waits = '],
    ['a request waits where none should', 'wait: false', 'wait: true'],
  ],
}

export const stay: Mutants = {
  file: 'packages/core/src/http/stay.ts',
  tests: ['packages/core/src/http/stay.test.ts', 'packages/core/src/http/gate.test.ts'],
  changes: [
    ['an aborted request is refunded', 'end.aborted || end.status', 'end.status'],
    ['a refusal further in is refunded', ' || end.refused) return', ') return'],
    ['a status of 400 is no failure', 'end.status >= 400 :', 'end.status > 400 :'],
    ['it ends twice', 'this.isOver = true\n    if', 'if'],
    ['a refund releases the slots', 'settle(0, { release: false })', 'settle(0)'],
    [
      'the slots go with the response',
      'if (this.keepers === 0) await this.held.release()',
      'await this.held.release()',
    ],
    ['slots are kept for ever', 'if (this.keepers === 0) await this.held.release()\n', ''],
    ['held work keeps nothing', 'this.keepers++\n', ''],
    ['released slots are kept again', 'if (this.keepers === 0) return\n', ''],
    ['work that fails keeps them for ever', 'then(end, end)', 'then(end)'],
    ['nothing is renewed', 'this.renewedAt = performance.now()\n    this.schedule()\n  }', '}'],
    ['it is renewed once', 'this.beyond++\n    this.schedule()\n', 'this.beyond++\n'],
    ['each renewal is due at once', 'this.renewedAt = performance.now()\n    if', 'if'],
    ['it is renewed when it is late', 'leaseMs / 3', 'leaseMs'],
    ['what is downstream counts as held work', 'this.keep(downstream, 0)', 'this.keep(downstream, 1)'],
    ['a client that left ends all renewals', 'this.beyond < RENEWALS_BEYOND_RESPONSE : ', 'false : '],
    ['a handler that never answers holds for ever', 'this.beyond < RENEWALS_BEYOND_RESPONSE : ', 'true : '],
    ['renewals count while the response is open', 'if (this.isOver && this.works', 'if (this.works'],
    ['renewals count while work is held', 'if (this.isOver && this.works === 0)', 'if (this.isOver)'],
    ['held work is not renewed', 'this.keep(work, 1)', 'this.keep(work, 0)'],
    ['held work is renewed beyond its end', 'this.works -= works\n', ''],
    ['a response that may never be sent is renewed', ' : this.isSending', ' : true'],
    ['the timer stays behind', 'clearTimeout(this.timer)\n', ''],
    ['a lost slot is renewed', '!this.isLost && this.keepers > 0', 'this.keepers > 0'],
    [
      'nobody is told of a lost slot',
      "stop(this.options.visits, this.options.client, new SpillwayError('LEASE_LOST', message))",
      '',
    ],
    ['a slot that was released is lost', ' || this.keepers === 0 || this.isLost) return', ') return'],
  ],
}
