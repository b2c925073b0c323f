import { cancel, consume, no, peek, reserve, settle, type Vector, yes } from '../vector.js'
import { fixedWindow } from './fixed-window.js'

/** State: start and end of the window, units charged in it. */
export const fixedWindowVectors: readonly Vector[] = [
  {
    title: 'windows on multiples of their length',
    policy: fixedWindow({ limit: 3, window: '10s' }),
    steps: [
      [12_000, consume(2), yes(2, 1, 8000), [10_000, 20_000, 2]],
      [19_999, consume(2), no(2, 1, 1, 1), [10_000, 20_000, 2]],
      [19_999, consume(4), no(2, 1, 1, null)],
      [19_999, consume(), yes(3, 0, 1), [10_000, 20_000, 3]],
      [20_000, peek(3), yes(3, 0, 10_000), [10_000, 20_000, 3]],
      [20_000, consume(3), yes(3, 0, 10_000), [20_000, 30_000, 3]],
      [30_000, consume(0), yes(0, 3, 0), [20_000, 30_000, 3]],
    ],
  },
  {
    title: "windows from a caller's first request",
    policy: fixedWindow({ limit: 3, window: '10s', start: 'first' }),
    steps: [
      [12_345, consume(), yes(1, 2, 10_000), [12_345, 22_345, 1]],
      [22_344, consume(3), no(1, 2, 1, 1)],
      [22_345, consume(3), yes(3, 0, 10_000), [22_345, 32_345, 3]],
      [50_000, consume(3), yes(3, 0, 10_000), [50_000, 60_000, 3]],
    ],
  },
  {
    title: 'a clock set back: what is empty is not carried over',
    policy: fixedWindow({ limit: 3, window: '10s' }),
    steps: [
      [3_600_000, reserve(2), yes(2, 1, 10_000)],
      [3_600_000, cancel(), undefined, [3_600_000, 3_610_000, 0]],
      [0, consume(0), yes(0, 3, 0), [3_600_000, 3_610_000, 0]],
    ],
  },
  {
    title: "a caller's own limit",
    policy: fixedWindow({ limit: 3, window: '10s' }),
    steps: [
      [0, consume(3), yes(3, 0, 10_000)],
      [0, consume(2, 5), yes(5, 0, 10_000), [0, 10_000, 5]],
      [0, consume(), no(5, 0, 10_000, 10_000)],
      [0, consume(1, 0), no(5, 0, 10_000, null)],
      [0, consume(0), no(5, 0, 10_000, 10_000)],
    ],
  },
  {
    title:
      'a clock set back: up to a minute the window stays, further back the count moves to the window of then',
    policy: fixedWindow({ limit: 3, window: '10s' }),
    steps: [
      [3_605_000, consume(3), yes(3, 0, 5000), [3_600_000, 3_610_000, 3]],
      [3_540_000, consume(), no(3, 0, 70_000, 70_000), [3_600_000, 3_610_000, 3]],
      [3_539_999, peek(), no(3, 0, 1, 1), [3_600_000, 3_610_000, 3]],
      [3_539_999, consume(), no(3, 0, 1, 1), [3_530_000, 3_540_000, 3]],
      [4000, consume(), no(3, 0, 6000, 6000), [0, 10_000, 3]],
      [10_000, consume(), yes(1, 2, 10_000), [10_000, 20_000, 1]],
    ],
  },
  {
    title: "a clock set back: a caller's window begins anew with its count",
    policy: fixedWindow({ limit: 3, window: '10s', start: 'first' }),
    steps: [
      [3_600_000, consume(3), yes(3, 0, 10_000)],
      [3_540_000, consume(), no(3, 0, 70_000, 70_000), [3_600_000, 3_610_000, 3]],
      [123, consume(), no(3, 0, 10_000, 10_000), [123, 10_123, 3]],
      [10_123, consume(), yes(1, 2, 10_000), [10_123, 20_123, 1]],
    ],
  },
  {
    title: 'refusals that are charged',
    policy: fixedWindow({ limit: 2, window: '10s', chargeRefused: true }),
    steps: [
      [0, consume(2), yes(2, 0, 10_000)],
      [1, consume(2), no(4, 0, 9999, 9999), [0, 10_000, 4]],
      [1, consume(3), no(4, 0, 9999, null), [0, 10_000, 4]],
      [10_000, consume(2), yes(2, 0, 10_000), [10_000, 20_000, 2]],
    ],
  },
  {
    title: 'settling: given back in the window charged, and no later; more becomes a debt',
    policy: fixedWindow({ limit: 3, window: '10s' }),
    steps: [
      [0, reserve(3), yes(3, 0, 10_000)],
      [9999, settle(1), undefined, [0, 10_000, 1]],
      [9999, reserve(2), yes(3, 0, 1), [0, 10_000, 3]],
      [10_000, consume(3), yes(3, 0, 10_000), [10_000, 20_000, 3]],
      [10_000, cancel(), undefined, [10_000, 20_000, 3]],
      [20_000, reserve(), yes(1, 2, 10_000)],
      [20_000, settle(7), undefined, [20_000, 30_000, 7]],
      [25_000, consume(), no(7, 0, 5000, 5000)],
      [30_000, consume(), yes(1, 2, 10_000)],
    ],
  },
]
