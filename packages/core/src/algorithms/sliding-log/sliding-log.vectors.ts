import { cancel, consume, no, peek, reserve, settle, type Vector, yes } from '../vector.js'
import { slidingLog } from './sliding-log.js'

/** State: sum, time and units of the newest entry, then times and units of the older ones, oldest first. */
export const slidingLogVectors: readonly Vector[] = [
  {
    title: 'each unit is freed on its very millisecond',
    policy: slidingLog({ limit: 3, window: '10ms' }),
    steps: [
      [0, consume(), yes(1, 2, 10), [1, 0, 1]],
      [1, consume(), yes(2, 1, 10), [2, 1, 1, 0, 1]],
      [1, consume(), yes(3, 0, 10), [3, 1, 2, 0, 1]],
      [2, consume(), no(3, 0, 9, 8), [3, 1, 2, 0, 1]],
      [9, consume(), no(3, 0, 2, 1)],
      [9, consume(2), no(3, 0, 2, 2)],
      [10, peek(), yes(3, 0, 10), [3, 1, 2, 0, 1]],
      [10, consume(), yes(3, 0, 10), [3, 10, 1, 1, 2]],
      [11, consume(2), yes(3, 0, 10), [3, 11, 2, 10, 1]],
      [11, consume(4), no(3, 0, 10, null)],
      [21, consume(0), yes(0, 3, 0)],
    ],
  },
  {
    title: 'a clock set back: up to a minute time stands still, further back all counts as charged then',
    policy: slidingLog({ limit: 3, window: '10s' }),
    steps: [
      [3_600_000, consume(2), yes(2, 1, 10_000), [2, 3_600_000, 2]],
      [3_540_000, consume(), yes(3, 0, 70_000), [3, 3_600_000, 3]],
      [3_540_000, consume(), no(3, 0, 70_000, 70_000)],
      [3_539_999, consume(), no(3, 0, 10_000, 10_000), [3, 3_539_999, 3]],
      [0, consume(), no(3, 0, 10_000, 10_000), [3, 0, 3]],
      [10_000, consume(), yes(1, 2, 10_000), [1, 10_000, 1]],
    ],
  },
  {
    title: "a caller's own limit",
    policy: slidingLog({ limit: 3, window: '10s' }),
    steps: [
      [0, consume(3), yes(3, 0, 10_000)],
      [1, consume(2, 5), yes(5, 0, 10_000), [5, 1, 2, 0, 3]],
      [1, consume(), no(5, 0, 10_000, 9999)],
      [1, consume(1, 0), no(5, 0, 10_000, null)],
    ],
  },
  {
    title: 'settling: given back while it counts; more becomes a debt',
    policy: slidingLog({ limit: 5, window: '10s' }),
    steps: [
      [0, reserve(5), yes(5, 0, 10_000)],
      [9999, settle(4), undefined, [4, 0, 4]],
      [9999, reserve(), yes(5, 0, 10_000), [5, 9999, 1, 0, 4]],
      [10_000, settle(7), undefined, [7, 10_000, 6, 9999, 1]],
      [10_000, consume(0), no(7, 0, 10_000, 10_000)],
      [20_000, reserve(2), yes(2, 3, 10_000), [2, 20_000, 2]],
      [30_000, consume(), yes(1, 4, 10_000), [1, 30_000, 1]],
      [29_999, cancel(), undefined, [1, 30_000, 1]],
    ],
  },
  {
    title: 'settling: with a clock set back since, a charge made later is not touched',
    policy: slidingLog({ limit: 5, window: '10ms' }),
    steps: [
      [0, reserve(2), yes(2, 3, 10)],
      [5, consume(2), yes(4, 1, 10)],
      [11, reserve(), yes(3, 2, 10), [3, 11, 1, 5, 2]],
      [11, cancel(), undefined, [2, 5, 2]],
      [6, cancel(), undefined, [2, 5, 2]],
    ],
  },
]
