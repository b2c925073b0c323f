import type { Change, Mutants } from '../mutant.js'

const FOLDER = 'packages/core/src/resilience'

function list(name: string, changes: readonly Change[]): Mutants {
  const others = ['guard', 'deny-cache'].filter((other) => other !== name)
  const tests = [name, ...others].map((beside) => `${FOLDER}/${beside}.test.ts`)
  return { file: `${FOLDER}/${name}.ts`, tests, changes }
}

export const resilience: readonly Mutants[] = [
  list('breaker', [
    ['it opens one failure too late', '< FAILURES', '<= FAILURES'],
    ['it never opens', 'this.probeAt = now + PAUSE_MS * (1 + Math.random())', ''],
    ['every decision is a probe', 'this.probing !== undefined || now < this.probeAt', 'now < this.probeAt'],
    ['there is no pause', ' || now < this.probeAt', ''],
    ['a late failure is taken for that of the probe', 'asked !== this.probing', 'false'],
    ['failures that successes lie between add up', 'this.failures = 0\n    this.probeAt', 'this.probeAt'],
  ]),
  list('deadline', [
    ['it waits for ever', 'else onceRead(fail)', ''],
    ['our own stall counts', 'stalled = Math.max(stalled, now - due)', ''],
    ['a timer outlives the answer', 'clearTimeout(timer)\n        resolve(value)', 'resolve(value)'],
  ]),
  list('deny-cache', [
    ['another cost is refused as well', 'entry.cost !== op.cost || ', ''],
    ['another limit is refused as well', ' || entry.limit !== op.limit', ''],
    ['it refuses for ever', 'if (age < this.maxAgeMs) return false', 'return false'],
    ['it answers by what no longer holds', 'latest >= algorithm.holds(entry.reply)', 'false'],
    ['a clock set back is judged here', 'age < 0 || ', ''],
    ['a shadow policy refuses', 'if (!admitted && !shadow)', 'if (!admitted)'],
    ['what admits is answered from here', 'return passed ? undefined : ', 'return '],
    [
      'what was reset meanwhile is remembered',
      "if (typeof known === 'number' && known >= asked) continue",
      '',
    ],
  ]),
  list('fallback', [
    [
      'a refused caller comes back at once',
      'Math.max(LEAST_WAIT_MS, Math.ceil(probeMs()))',
      'Math.ceil(probeMs())',
    ],
    [
      'a limit of 0 is nothing where nobody counts',
      "if (fallback === 'allow' || !outcome.passed) return answer",
      "if (fallback === 'allow') return { ...answer, passed: true }",
    ],
    ['the local store stays cold', "if (passed && mode !== 'peek') local?.(ops, mode, now)", ''],
    ['the local store is charged for refusals', "passed && mode !== 'peek'", "mode !== 'peek'"],
  ]),
  list('guard', [
    [
      'a refusal under chargeRefused is repeated',
      ' && !plan.policies.some(({ chargeRefused }) => chargeRefused)',
      '',
    ],
    ['what was given back is remembered', 'outcome.passed || outcome.compensated', 'outcome.passed'],
    ['something strange opens the breaker', "cause.code === 'STATE_MALFORMED'", 'false'],
    [
      'a reset that nobody heard seems done',
      "if (mode === 'reset' || mode === 'adjust') throw failure(cause)",
      '',
    ],
    ['the last of a row of failures is told', 'firstCause ??= cause', 'firstCause = cause'],
  ]),
]
