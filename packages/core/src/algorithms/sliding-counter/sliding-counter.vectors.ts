import { cancel, consume, no, peek, reserve, settle, type Vector, yes } from '../vector.js'
import { slidingCounter } from './sliding-counter.js'

/** State: start of the current window, its count, the count of the window before. */
export const slidingCounterVectors: readonly Vector[] = [
  {
    title: 'what was charged fades while the next window passes',
    policy: slidingCounter({ limit: 10, window: '10s' }),
    steps: [
      [0, consume(10), yes(10, 0, 20_000), [0, 10, 0]],
      [5000, consume(), no(10, 0, 15_000, 6000)],
      [10_999, consume(), no(10, 0, 9001, 1), [0, 10, 0]],
      [11_000, consume(), yes(10, 0, 19_000), [10_000, 1, 10]],
      [15_000, peek(4), yes(10, 0, 15_000), [10_000, 1, 10]],
      [15_000, consume(4), yes(10, 0, 15_000), [10_000, 5, 10]],
      [15_000, consume(10), no(10, 0, 15_000, 15_000)],
      [15_000, consume(11), no(10, 0, 15_000, null)],
      [20_000, consume(5), yes(10, 0, 20_000), [20_000, 5, 5]],
      [40_000, consume(0), yes(0, 10, 0), [20_000, 5, 5]],
      [40_000, consume(10), yes(10, 0, 20_000), [40_000, 10, 0]],
    ],
  },
  {
    title: 'almost twice the limit across an edge, never twice',
    policy: slidingCounter({ limit: 10, window: '10s' }),
    steps: [
      [9999, consume(10), yes(10, 0, 10_001), [0, 10, 0]],
      [19_000, consume(9), yes(10, 0, 11_000), [10_000, 9, 10]],
      [19_998, consume(), no(10, 0, 10_002, 2)],
      [19_999, consume(), no(10, 0, 10_001, 1)],
      [20_000, consume(), yes(10, 0, 20_000), [20_000, 1, 9]],
    ],
  },
  {
    title: "a caller's own limit",
    policy: slidingCounter({ limit: 10, window: '10s' }),
    steps: [
      [0, consume(10), yes(10, 0, 20_000)],
      [0, consume(5, 20), yes(15, 5, 20_000), [0, 15, 0]],
      [0, consume(), no(15, 0, 20_000, 14_000)],
      [0, consume(1, 0), no(15, 0, 20_000, null)],
      [13_999, consume(), no(10, 0, 6001, 1)],
      [14_000, consume(), yes(10, 0, 16_000), [10_000, 1, 15]],
    ],
  },
  {
    title:
      'a clock set back: up to a minute the window stays, further back the counts move to the window of then',
    policy: slidingCounter({ limit: 10, window: '10s' }),
    steps: [
      [3_600_000, consume(10), yes(10, 0, 20_000), [3_600_000, 10, 0]],
      [3_540_000, consume(), no(10, 0, 80_000, 71_000), [3_600_000, 10, 0]],
      [3_539_999, peek(), no(10, 0, 10_001, 1001), [3_600_000, 10, 0]],
      [3_539_999, consume(), no(10, 0, 10_001, 1001), [3_530_000, 10, 0]],
      [3_541_000, consume(), yes(10, 0, 19_000), [3_540_000, 1, 10]],
      [5000, consume(5), no(6, 4, 15_000, 1000), [0, 1, 10]],
      [6000, consume(5), yes(10, 0, 14_000), [0, 6, 10]],
    ],
  },
  {
    title: 'refusals that are charged',
    policy: slidingCounter({ limit: 10, window: '10s', chargeRefused: true }),
    steps: [
      [0, consume(8), yes(8, 2, 20_000)],
      [0, consume(4), no(12, 0, 20_000, 15_000), [0, 12, 0]],
      [15_000, consume(4), yes(10, 0, 15_000), [10_000, 4, 12]],
    ],
  },
  {
    title: 'settling: given back in the window charged, and no later',
    policy: slidingCounter({ limit: 10, window: '10s' }),
    steps: [
      [9000, reserve(6), yes(6, 4, 11_000), [0, 6, 0]],
      [9999, settle(2), undefined, [0, 2, 0]],
      [9999, reserve(6), yes(8, 2, 10_001), [0, 8, 0]],
      [10_000, cancel(), undefined, [0, 8, 0]],
      [10_000, consume(2), yes(10, 0, 20_000), [10_000, 2, 8]],
    ],
  },
  {
    title: 'settling: more becomes a debt',
    policy: slidingCounter({ limit: 10, window: '10s' }),
    steps: [
      [0, reserve(), yes(1, 9, 20_000)],
      [0, settle(25), undefined, [0, 25, 0]],
      [0, consume(0), no(25, 0, 20_000, 16_000)],
      [0, consume(), no(25, 0, 20_000, 16_400)],
      [16_399, consume(), no(10, 0, 3601, 1)],
      [16_400, consume(), yes(10, 0, 13_600), [10_000, 1, 25]],
    ],
  },
]
