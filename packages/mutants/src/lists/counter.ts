import type { Mutants } from '../mutant.js'

export const counter: Mutants = {
  file: 'packages/core/src/algorithms/sliding-counter/counter.ts',
  tests: [
    'packages/core/src/algorithms/sliding-counter/sliding-counter.test.ts',
    'packages/core/src/algorithms/extremes.test.ts',
    'packages/core/src/pool.test.ts',
    'packages/core/src/misuse.test.ts',
    'packages/core/src/reservation.test.ts',
  ],
  changes: [
    ['a window lasts 1 ms too long', 'now < start + window) return', 'now <= start + window) return'],
    ['an empty window stands still ahead of the clock', 'current + previous > 0 && now', 'now'],
    [
      'the window after lasts 1 ms too long',
      'now < start + 2 * window) return',
      'now <= start + 2 * window) return',
    ],
    ['an empty window is followed by another', 'current > 0 && now', 'now'],
    ['the window before is forgotten', '[start + window, 0, current]', '[start + window, 0, 0]'],
    ['the count goes on in the next window', '[start + window, 0, current]', '[start + window, current, 0]'],
    ['the window before fades from a wrong start', '[start + window, 0, current]', '[start, 0, current]'],
    [
      'windows begin with the first charge',
      'return [Math.floor(now / window) * window, 0, 0]',
      'return [now, 0, 0]',
    ],
    [
      'the share is rounded down',
      'Math.ceil((count * overlap) / window)',
      'Math.floor((count * overlap) / window)',
    ],
    ['the share of a debt is not exact', 'count * overlap <= MAX_COUNT', 'true'],
    ['the share of a debt is rounded down', ' + BigInt(window - 1)', ''],
    ['a debt grows beyond exact integers', 'Math.min(current + op.cost, MAX_COUNT)', 'current + op.cost'],
    ['the start of a new window is not kept', 'state[START] = start\n    state[CURRENT]', 'state[CURRENT]'],
    ['the count of the window before is not kept', 'state[PREVIOUS] = previous\n', ''],
    ['windows share their state', '`sliding-counter:1:${window}`', '`sliding-counter:1`'],
    ['windows are one pool', "['sliding-counter', window]", "['sliding-counter']"],
    ['the largest limit is refused', 'limit * window > MAX_COUNT', 'limit * window >= MAX_COUNT'],
    ['limits are not checked', 'limit * window > MAX_COUNT', 'false'],
    ['what still fades is drained', 'current + previous === 0', 'current === 0'],
    ['nothing is ever drained', 'return current + previous === 0', 'return false'],
    ['exactly a minute back is believed', '<= now + MAX_SET_BACK_MS', '< now + MAX_SET_BACK_MS'],
    ['any set-back clock is believed', '<= now + MAX_SET_BACK_MS', '<= now'],
    [
      'no set-back clock is believed',
      'state[START] = Math.floor(now / window) * window\n      return true',
      'return false',
    ],
    [
      'what is carried over begins anew',
      'state[START] = Math.floor(now / window) * window\n',
      'state[START] = now\n',
    ],
    [
      'what is carried over is halved',
      'state[START] = Math.floor(now / window) * window\n',
      'state[START] = Math.floor(now / window) * window\n      state[PREVIOUS] = 0\n',
    ],
    [
      'time that stands still adds to the window before',
      'Math.max(0, now - start)\n      const room = op.limit - current - op.cost\n      return',
      'now - start\n      const room = op.limit - current - op.cost\n      return',
    ],
    ['the last unit is refused', 'return room >= 0 &&', 'return room > 0 &&'],
    [
      'what just fits is refused',
      'previous * (window - elapsed) <= room * window',
      'previous * (window - elapsed) < room * window',
    ],
    [
      'only the window before counts',
      'room >= 0 && previous * (window - elapsed) <= room * window',
      'previous * (window - elapsed) <= op.limit * window',
    ],
    [
      'the window before counts no more',
      'room >= 0 && previous * (window - elapsed) <= room * window',
      'room >= 0',
    ],
    ['the window before does not fade', 'previous * (window - elapsed) <= room', 'previous * window <= room'],
    ['it is given back in another window', 'start !== op.mark || current === 0', 'current === 0'],
    ['more is given back than there is', 'current - Math.min(-op.cost, current)', 'current + op.cost'],
    [
      'time that stands still adds to what is used',
      'Math.max(0, now - start)\n      const room = op.limit - current - op.cost\n      const used',
      'now - start\n      const room = op.limit - current - op.cost\n      const used',
    ],
    ['what fades is not used', 'current + share(previous, window - elapsed)', 'current'],
    ['a wait that does not help is told', 'if (!op.fits) waitMs = null\n      else if', 'if'],
    [
      'the wait into the next window is 1 ms short',
      'window - Math.floor(((op.limit',
      'window - Math.ceil(((op.limit',
    ],
    ['the wait ends with the window', 'start + window + next - now', 'start + window - now'],
    [
      'the wait into the next window forgets the cost',
      '((op.limit - op.cost) * window)',
      '(op.limit * window)',
    ],
    [
      'the wait is 1 ms short',
      'window - Math.floor((room * window) / previous)',
      'window - Math.ceil((room * window) / previous)',
    ],
    ['the reset is when the window ends', 'start + 2 * window - now', 'start + window - now'],
    ['what fades is not reset', ': previous > 0 ? start + window - now : 0', ': 0'],
    [
      'the reset of an empty window is that of the next',
      ': previous > 0 ? start + window - now : 0',
      ': start + window - now',
    ],
    ['a charge is marked by its count', 'mark: (reply) => reply[START]', 'mark: (reply) => reply[CURRENT]'],
  ],
}

export const slidingCounter: Mutants = {
  file: 'packages/core/src/algorithms/sliding-counter/sliding-counter.ts',
  tests: ['packages/core/src/misuse.test.ts'],
  changes: [['the limit is not checked', "checkCount(options.limit, 'limit')\n", '']],
}
