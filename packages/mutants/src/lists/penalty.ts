import type { Mutants } from '../mutant.js'

const FOLDER = 'packages/core/src/algorithms/penalty'

export const offences: Mutants = {
  file: `${FOLDER}/offences.ts`,
  tests: [
    `${FOLDER}/penalty.test.ts`,
    'packages/core/src/pool.test.ts',
    'packages/core/src/stores/memory.test.ts',
  ],
  changes: [
    ['the end and the count change places', 'state.push(end, count)', 'state.push(count, end)'],
    ['a penalty lasts a ms too long', 'now < endOf(state)', 'now <= endOf(state)'],
    ['an offence is remembered a ms too long', 'now >= endOf(state) + max', 'now > endOf(state) + max'],
    ['an offence is forgotten when its penalty ends', 'now >= endOf(state) + max', 'now >= endOf(state)'],
    ['the first penalty is a second one', 'let n = 1', 'let n = 0'],
    ['the second penalty is a first one', 'let n = 1', 'let n = 2'],
    ['it grows by as much each time', 'length *= factor', 'length += first * (factor - 1)'],
    ['it has no longest', 'return Math.min(length, max)', 'return length'],
    ['it begins a ms late', 'now + lengthOf(offence)', 'now + lengthOf(offence) + 1'],
    ['offences are not counted', 'state[state.length - 1] = offence', 'state[state.length - 1] = 1'],
    [
      'penalties share the state of what they stand around',
      '`penalty:1:${inner.identity}`',
      'inner.identity',
    ],
    ['other first ones are one pool', "['penalty', first, factor, max,", "['penalty', factor, max,"],
    ['other factors are one pool', "['penalty', first, factor, max,", "['penalty', first, max,"],
    ['other longest ones are one pool', "['penalty', first, factor, max,", "['penalty', first, factor,"],
    ['around other limits they are one pool', ', max, inner.configuration]', ', max]'],
    ['a state is drained while its offence is remembered', 'isForgotten(state, now) && inside', 'inside'],
    [
      'a state is drained while something is charged',
      'isForgotten(state, now) && inside(state, (own) => inner.drained(own, now))',
      'isForgotten(state, now)',
    ],
    [
      'what the inner one carried over is not told',
      'now + MAX_SET_BACK_MS) return rebased',
      'now + MAX_SET_BACK_MS) return false',
    ],
    [
      'the inner one is not carried over',
      'const rebased = inside(state, (own) => inner.rebase(own, op, now))',
      'const rebased = false',
    ],
    ['exactly a minute back is believed', '<= now + MAX_SET_BACK_MS', '< now + MAX_SET_BACK_MS'],
    ['a long penalty is a clock that was set back', 'endOf(state) - lengthOf(count) <=', 'endOf(state) <='],
    ['a penalty runs on after a set-back clock', '      begin(state, count, now)\n', ''],
    ['a penalty refuses nothing', '!runs(state, now) && ', ''],
    [
      'what it stands around refuses nothing',
      '!runs(state, now) && inside(state, (own) => inner.admits(own, op, now))',
      '!runs(state, now)',
    ],
    ['nothing is given back', 'inside(state, (own) => inner.refund(own, op, now))', '{}'],
    ['asking moves its end', 'if (runs(state, now)) return false\n', ''],
    [
      'it is told to begin while it runs',
      'if (runs(state, now)) return false',
      'if (runs(state, now)) return true',
    ],
    ['no offence is forgotten', 'isForgotten(state, now) ? 1 : ', ''],
    ['a penalty leaves units', 'remaining: 0,\n', ''],
    ['it is full before its end', 'Math.max(endsInMs, reading.resetMs)', 'reading.resetMs'],
    ['it is full when the penalty ends', 'Math.max(endsInMs, reading.resetMs)', 'endsInMs'],
    ['the wait is that of the inner one', 'Math.max(endsInMs, reading.waitMs)', 'reading.waitMs'],
    ['the wait is that of the penalty', 'Math.max(endsInMs, reading.waitMs)', 'endsInMs'],
    ['a wait helps what never fits', 'reading.waitMs === null ? null : ', ''],
    ['one that has ended runs', 'if (endsInMs <= 0) return reading', 'if (endsInMs < 0) return reading'],
    ['the next offence is not heard of', 'Math.min(endOf(reply), inner.holds(reply))', 'inner.holds(reply)'],
    ['what the inner one said holds for ever', 'Math.min(endOf(reply), inner.holds(reply))', 'endOf(reply)'],
    ['the wait of another cost is told', '...(inner.tellsOneWait && { tellsOneWait: true }),', ''],
  ],
}

export const penalty: Mutants = {
  file: `${FOLDER}/penalty.ts`,
  tests: [`${FOLDER}/penalty.test.ts`, 'packages/core/src/misuse.test.ts'],
  changes: [
    ['it triples unless told', 'factor = 2', 'factor = 3'],
    ['the longest may be shorter than the first', 'if (max < first)', 'if (false)'],
    ['a part of a factor is one', '!Number.isInteger(factor) || factor < 2', 'factor < 2'],
    ['it need not grow', 'factor < 2', 'factor < 1'],
    ['it grows beyond exact integers', ' || factor > MAX_COUNT', ''],
    [
      'a first one may be called otherwise',
      "['first', 'factor', 'max']",
      "['first', 'factor', 'max', 'frist']",
    ],
    ['it stands around anything', 'if (!isPolicy(policy)) {', 'if (!policy) {'],
    ['it stands around a penalty', 'if (algorithm.punish !== undefined) {', 'if (false) {'],
    ['it stands around slots', 'if (algorithm.lease !== undefined) {', 'if (false) {'],
    ['it stands around a quota', 'if (edges !== undefined) {', 'if (false) {'],
    ['it stands around a queue', "if (algorithm.twin['shapes'] === true) {", 'if (false) {'],
    ['it stands around what charges refusals', 'if (chargeRefused) {', 'if (false) {'],
  ],
}
