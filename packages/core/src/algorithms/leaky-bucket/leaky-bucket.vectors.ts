import { cancel, consume, no, peek, reserve, settle, type Vector, yes } from '../vector.js'
import { leakyBucket } from './leaky-bucket.js'

/** State: level, time, rate. The fourth number of an admission is the delay until its start. */
export const leakyBucketVectors: readonly Vector[] = [
  {
    title: 'one starts each half second, two may wait',
    policy: leakyBucket({ limit: 2, window: '1s', queue: 2 }),
    steps: [
      [0, consume(), yes(1, 2, 500, 0), [1000, 0, 2]],
      [0, consume(), yes(2, 1, 1000, 500), [2000, 0, 2]],
      [0, consume(), yes(3, 0, 1500, 1000), [3000, 0, 2]],
      [0, consume(), no(3, 0, 1500, 500)],
      [499, consume(), no(3, 0, 1001, 1), [3000, 0, 2]],
      [500, peek(), yes(3, 0, 1500, 1000), [3000, 0, 2]],
      [500, consume(), yes(3, 0, 1500, 1000), [3000, 500, 2]],
      [750, consume(2), no(3, 0, 1250, 750)],
      [750, consume(0), yes(3, 0, 1250, 1250), [3000, 500, 2]],
      [2000, consume(2), yes(2, 1, 1000, 0), [2000, 2000, 2]],
      [2000, consume(4), no(2, 1, 1000, null)],
    ],
  },
  {
    title: 'starts that are not whole milliseconds are rounded up, and do not drift',
    policy: leakyBucket({ limit: 3, window: '1s', queue: 1 }),
    steps: [
      [0, consume(), yes(1, 1, 334, 0), [1000, 0, 3]],
      [0, consume(), yes(2, 0, 667, 334), [2000, 0, 3]],
      [333, consume(), no(2, 0, 334, 1)],
      [334, consume(), yes(2, 0, 666, 333), [1998, 334, 3]],
      [667, consume(), yes(2, 0, 667, 333), [1999, 667, 3]],
    ],
  },
  {
    title: 'without a queue only what can start at once',
    policy: leakyBucket({ limit: 2, window: '1s', queue: 0 }),
    steps: [
      [0, consume(2), no(0, 1, 0, null)],
      [0, consume(), yes(1, 0, 500, 0)],
      [0, consume(), no(1, 0, 500, 500)],
      [499, consume(), no(1, 0, 1, 1)],
      [500, consume(), yes(1, 0, 500, 0), [1000, 500, 2]],
    ],
  },
  {
    title: "a caller's own limit is a rate; the queue stays",
    policy: leakyBucket({ limit: 2, window: '1s', queue: 2 }),
    steps: [
      [0, consume(), yes(1, 2, 500, 0), [1000, 0, 2]],
      [0, consume(1, 4), yes(2, 1, 500, 250), [2000, 0, 4]],
      [0, consume(), yes(3, 0, 1500, 1000), [3000, 0, 2]],
      [0, consume(1, 0), no(3, 0, 1500, null)],
      [0, consume(1, 4), no(3, 0, 1500, 500)],
    ],
  },
  {
    title: 'a clock set back: starts go on from the newest, or from the new time',
    policy: leakyBucket({ limit: 2, window: '1s', queue: 2 }),
    steps: [
      [3_600_000, consume(), yes(1, 2, 500, 0), [1000, 3_600_000, 2]],
      [3_599_000, consume(), yes(2, 1, 2000, 1500), [2000, 3_600_000, 2]],
      [3_599_000, consume(), yes(3, 0, 2500, 2000), [3000, 3_600_000, 2]],
      [3_599_000, consume(), no(3, 0, 2500, 1500)],
      [3_600_500, consume(), yes(3, 0, 1500, 1000), [3000, 3_600_500, 2]],
      [500, consume(), no(3, 0, 1500, 500), [3000, 500, 2]],
      [999, consume(), no(3, 0, 1001, 1)],
      [1000, consume(), yes(3, 0, 1500, 1000), [3000, 1000, 2]],
    ],
  },
  {
    title: 'refusals that are charged, up to the queue',
    policy: leakyBucket({ limit: 2, window: '1s', queue: 1, chargeRefused: true }),
    steps: [
      [0, consume(), yes(1, 1, 500, 0)],
      [0, consume(2), no(2, 0, 1000, 1000), [2000, 0, 2]],
      [500, consume(), yes(2, 0, 1000, 500), [2000, 500, 2]],
    ],
  },
  {
    title: 'settling: nothing is given back, for later starts were promised; more is charged',
    policy: leakyBucket({ limit: 2, window: '1s', queue: 2 }),
    steps: [
      [0, reserve(2), yes(2, 1, 1000, 0), [2000, 0, 2]],
      [0, cancel(), undefined, [2000, 0, 2]],
      [0, reserve(), yes(3, 0, 1500, 1000), [3000, 0, 2]],
      [500, settle(3), undefined, [4000, 500, 2]],
      [500, consume(0), no(4, 0, 2000, 500)],
      [1000, consume(0), yes(3, 0, 1500, 1500)],
      [1500, consume(), yes(3, 0, 1500, 1000), [3000, 1500, 2]],
    ],
  },
]
