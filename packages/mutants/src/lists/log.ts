import type { Mutants } from '../mutant.js'

export const log: Mutants = {
  file: 'packages/core/src/algorithms/sliding-window/log.ts',
  tests: [
    'packages/core/src/algorithms/sliding-window/sliding-window.test.ts',
    'packages/core/src/algorithms/sliding-log/sliding-log.test.ts',
    'packages/core/src/algorithms/extremes.test.ts',
    'packages/core/src/pool.test.ts',
    'packages/core/src/reservation.test.ts',
  ],
  changes: [
    [
      'the newest charge counts 1 ms too long',
      '(state[LAST_TIME] as number) + window <= now\n',
      '(state[LAST_TIME] as number) + window < now\n',
    ],
    [
      'a state of which all was given back is not drained',
      'state[LAST_UNITS] === 0 || (state[LAST_TIME] as number) + window <= now\n',
      '(state[LAST_TIME] as number) + window <= now\n',
    ],
    [
      'segments begin 1 ms late',
      'Math.floor(a / segment) === Math.floor(b / segment)',
      'Math.ceil(a / segment) === Math.ceil(b / segment)',
    ],
    ['all is of one segment', 'Math.floor(a / segment) === Math.floor(b / segment)', 'true'],
    [
      'an older charge counts 1 ms too long',
      '(state[i] as number) + window <= now) i += 2',
      '(state[i] as number) + window < now) i += 2',
    ],
    ['the newest charge counts for ever', 'if (allExpired(state, now)) return 0\n', ''],
    ['the oldest charge counts for ever', 'i >= FIRST; i -= 2', 'i > FIRST; i -= 2'],
    ['expired charges count', 'sum -= state[i + 1] as number', 'sum -= 0'],
    ['the sum keeps what has expired', 'state[SUM] = sum\n    if', 'if'],
    ['the newest charge is not forgotten', 'if (sum === 0) state[LAST_UNITS] = 0\n', ''],
    ['charges are put together one entry late', 'const full = 1 + (', 'const full = ('],
    ['charges are put together one entry later', '/ 2 >= entries', '/ 2 > entries'],
    ['charges are always put together', '(full && isSameSegment', '(isSameSegment'],
    ['charges are never put together', '(full && isSameSegment(time, lastTime))', 'false'],
    ['charges of the same ms are told apart', 'time === lastTime || (full', '(full'],
    [
      'a first charge follows one of no units',
      'if (state[LAST_UNITS] === 0) state[LAST_UNITS] = units\n    else if',
      'if',
    ],
    [
      'a charge that joins an older one expires with it',
      'state[LAST_TIME] = time\n    state[SUM]',
      'if (!joins || state[SUM] === 0) state[LAST_TIME] = time\n    state[SUM]',
    ],
    [
      'a debt grows beyond exact integers',
      'Math.min(op.cost, MAX_COUNT - (state[SUM] as number))',
      'op.cost',
    ],
    ['a charge without units lasts', 'if (units === 0) return\n', ''],
    [
      'an empty state keeps a time ahead of the clock',
      'state[LAST_UNITS] === 0 ? now : Math.max(now',
      'Math.max(now',
    ],
    [
      'time does not stand still',
      'state[LAST_UNITS] === 0 ? now : Math.max(now, state[LAST_TIME] as number)',
      'now',
    ],
    ['windows share their state', '${kind}:1:${window}:${entries}', '${kind}:1:${entries}'],
    ['segments share their state', '${kind}:1:${window}:${entries}', '${kind}:1:${window}'],
    ['kinds share their state', '${kind}:1:${window}:${entries}', '1:${window}:${entries}'],
    ['windows are one pool', '[kind, window, entries]', '[kind, entries]'],
    ['segments are one pool', '[kind, window, entries]', '[kind, window]'],
    ['nothing is ever drained', 'drained: allExpired', 'drained: () => false'],
    ['exactly a minute back is believed', '<= now + MAX_SET_BACK_MS', '< now + MAX_SET_BACK_MS'],
    ['any set-back clock is believed', '<= now + MAX_SET_BACK_MS', '<= now'],
    [
      'no set-back clock is believed',
      'const sum = live(state, now)\n      state.length = FIRST',
      'return false\n      const sum = live(state, now)\n      state.length = FIRST',
    ],
    [
      'an empty state is carried over',
      'if (state[LAST_UNITS] === 0 || (state[LAST_TIME] as number) <= now +',
      'if ((state[LAST_TIME] as number) <= now +',
    ],
    [
      'older charges stay beside what is carried over',
      'state.length = FIRST\n      state[SUM]',
      'state[SUM]',
    ],
    [
      'what is carried over keeps its time',
      'state[LAST_TIME] = now\n      state[LAST_UNITS] = sum',
      'state[LAST_UNITS] = sum',
    ],
    ['only the newest charge is carried over', 'state[LAST_UNITS] = sum\n      return', 'return'],
    [
      'the last unit is refused',
      'live(state, now) + op.cost <= op.limit',
      'live(state, now) + op.cost < op.limit',
    ],
    [
      'any cost is admitted while one is free',
      'live(state, now) + op.cost <= op.limit',
      'live(state, now) + 1 <= op.limit',
    ],
    [
      'expired charges refuse',
      'live(state, now) + op.cost <= op.limit',
      '(state[SUM] as number) + op.cost <= op.limit',
    ],
    [
      'a charge that has expired is given back',
      'mark + window <= Math.max(now',
      'mark + window < Math.max(now',
    ],
    [
      'what was dropped is given back from a later charge',
      'Math.max(now, state[LAST_TIME] as number) || all',
      'now || all',
    ],
    [
      'it is given back from a later charge',
      '(state[i - 2] as number) >= mark',
      '(state[i - 2] as number) > mark',
    ],
    ['it is given back from the newest charge', 'i > FIRST && (state[i - 2]', 'false && (state[i - 2]'],
    ['nothing is given back from the oldest charge', 'i > FIRST && (state', 'i > FIRST + 2 && (state'],
    ['it is given back from an earlier charge', '(state[time] as number) < mark || ', ''],
    ['it is given back from another segment', ' || !isSameSegment(state[time] as number, mark)', ''],
    ['more is given back than there is', 'Math.min(-op.cost, state[units] as number)', '-op.cost'],
    ['the sum keeps what was given back', 'state[SUM] = (state[SUM] as number) - refunded\n', ''],
    [
      'an entry of no units stays',
      'if (units !== LAST_UNITS) state.splice(i, 2)',
      'if (units !== LAST_UNITS) return',
    ],
    ['an older charge does not become the newest', 'else if (state.length > FIRST) {', 'else if (false) {'],
    ['a wait ends with an expired charge', 'let i = firstLive(state, now)\n', 'let i = FIRST\n'],
    [
      'a wait ends one charge too late',
      'missing > (state[i + 1] as number)',
      'missing >= (state[i + 1] as number)',
    ],
    ['a wait ends with the oldest charge', 'missing > (state[i + 1] as number)', 'false'],
    [
      'a wait ends with the newest charge',
      'missing <= 0 ? 0 : ((i < state.length ? state[i] : state[LAST_TIME]) as number)',
      'missing <= 0 ? 0 : (state[LAST_TIME] as number)',
    ],
    [
      "a wait is by the policy's own cost",
      'let missing = sum + op.cost - op.limit',
      'let missing = sum + 1 - op.limit',
    ],
    ['less than nothing remains', 'Math.max(0, op.limit - used)', 'op.limit - used'],
    [
      'the reset of an empty window is in the past',
      'used === 0 ? 0 : lastTime + window - now',
      'lastTime + window - now',
    ],
    [
      'the reset is when the first unit is freed',
      'used === 0 ? 0 : lastTime + window - now',
      'used === 0 ? 0 : freedBy + window - now',
    ],
    ['a wait that does not help is told', '!op.fits ? null : used', 'used'],
    ['what is free must wait', 'used + op.cost <= op.limit ? 0', 'used + op.cost < op.limit ? 0'],
    ['a charge is marked by the sum', 'reply[LAST_TIME]', 'reply[SUM]'],
  ],
}

export const slidingWindow: Mutants = {
  file: 'packages/core/src/algorithms/sliding-window/sliding-window.ts',
  tests: [
    'packages/core/src/algorithms/sliding-window/sliding-window.test.ts',
    'packages/core/src/algorithms/extremes.test.ts',
    'packages/core/src/misuse.test.ts',
  ],
  changes: [
    ['there are 59 segments', 'segments = 60', 'segments = 59'],
    ['segments are rounded down', 'Math.ceil(window / segments)', 'Math.floor(window / segments)'],
    ['one entry more is told apart', 'entries: segments', 'entries: segments + 1'],
    ['the most segments are refused', 'segments > MAX_SEGMENTS', 'segments >= MAX_SEGMENTS'],
    ['any number of segments is taken', ' || segments > MAX_SEGMENTS', ''],
    ['no segments are taken', 'segments < 1', 'segments < 0'],
    ['a part of a segment is taken', '!Number.isInteger(segments) || ', ''],
    ['the limit is not checked', "checkCount(options.limit, 'limit')\n", ''],
  ],
}

export const slidingLog: Mutants = {
  file: 'packages/core/src/algorithms/sliding-log/sliding-log.ts',
  tests: ['packages/core/src/algorithms/sliding-log/sliding-log.test.ts', 'packages/core/src/misuse.test.ts'],
  changes: [
    ['the largest limit is refused', 'limit > MAX_LIMIT', 'limit >= MAX_LIMIT'],
    ['any limit is taken', 'check: checkLogLimit', 'check() {}'],
    ['chargeRefused is taken', '(options as PolicyOptions).chargeRefused', 'false'],
    ['charges are put together', 'segment: 1,', 'segment: window,'],
    ['the limit is not checked', "checkCount(options.limit, 'limit')\n", ''],
  ],
}
