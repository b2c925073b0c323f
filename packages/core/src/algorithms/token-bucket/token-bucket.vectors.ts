import { cancel, consume, no, peek, reserve, reset, settle, type Vector, yes } from '../vector.js'
import { tokenBucket } from './token-bucket.js'

/** State: level, time, rate. A token is as many units of the level as the window has ms. */
export const tokenBucketVectors: readonly Vector[] = [
  {
    title: 'a burst at once, then one each tenth of a second',
    policy: tokenBucket({ limit: 10, window: '1s', burst: 20 }),
    steps: [
      [0, consume(20), yes(20, 0, 2000), [20_000, 0, 10]],
      [0, consume(), no(20, 0, 2000, 100)],
      [99, consume(), no(20, 0, 1901, 1), [20_000, 0, 10]],
      [100, consume(), yes(20, 0, 2000), [20_000, 100, 10]],
      [1100, peek(10), yes(20, 0, 2000), [20_000, 100, 10]],
      [1100, peek(11), no(10, 10, 1000, 100)],
      [2100, consume(0), yes(0, 20, 0), [20_000, 100, 10]],
      [5000, consume(), yes(1, 19, 100), [1000, 5000, 10]],
    ],
  },
  {
    title: 'parts of a token are kept',
    policy: tokenBucket({ limit: 3, window: '1s' }),
    steps: [
      [0, consume(3), yes(3, 0, 1000), [3000, 0, 3]],
      [333, consume(), no(3, 0, 667, 1)],
      [334, consume(), yes(3, 0, 1000), [2998, 334, 3]],
      [667, consume(), yes(3, 0, 1000), [2999, 667, 3]],
      [1000, consume(), yes(3, 0, 1000), [3000, 1000, 3]],
      [1333, consume(), no(3, 0, 667, 1)],
    ],
  },
  {
    title: 'a cost that never fits, and none',
    policy: tokenBucket({ limit: 10, window: '1s', burst: 20 }),
    steps: [
      [0, consume(21), no(0, 20, 0, null)],
      [0, consume(0), yes(0, 20, 0)],
      [0, consume(15), yes(15, 5, 1500), [15_000, 0, 10]],
      [0, consume(21), no(15, 5, 1500, null), [15_000, 0, 10]],
    ],
  },
  {
    title: "a caller's own limit is the burst too; the level drains by the rate that was stored",
    policy: tokenBucket({ limit: 10, window: '1s' }),
    steps: [
      [0, consume(10), yes(10, 0, 1000), [10_000, 0, 10]],
      [0, consume(1, 20), yes(11, 9, 550), [11_000, 0, 20]],
      [0, consume(), no(11, 0, 550, 100)],
      [0, consume(1, 0), no(11, 0, 550, null)],
      [99, consume(), no(10, 0, 451, 1)],
      [100, consume(), yes(10, 0, 1000), [10_000, 100, 10]],
    ],
  },
  {
    title: 'a clock set back: up to a minute time stands still, further back it is believed',
    policy: tokenBucket({ limit: 2, window: '1s' }),
    steps: [
      [3_600_000, consume(2), yes(2, 0, 1000), [2000, 3_600_000, 2]],
      [3_540_000, consume(), no(2, 0, 61_000, 60_500), [2000, 3_600_000, 2]],
      [3_539_999, peek(), no(2, 0, 1000, 500), [2000, 3_600_000, 2]],
      [3_539_999, consume(), no(2, 0, 1000, 500), [2000, 3_539_999, 2]],
      [3_540_499, consume(), yes(2, 0, 1000), [2000, 3_540_499, 2]],
      [0, consume(), no(2, 0, 1000, 500), [2000, 0, 2]],
      [499, consume(), no(2, 0, 501, 1)],
      [500, consume(), yes(2, 0, 1000), [2000, 500, 2]],
    ],
  },
  {
    title: 'refusals that are charged, up to the burst',
    policy: tokenBucket({ limit: 2, window: '1s', chargeRefused: true }),
    steps: [
      [0, consume(), yes(1, 1, 500), [1000, 0, 2]],
      [0, consume(2), no(2, 0, 1000, 1000), [2000, 0, 2]],
      [500, consume(2), no(2, 0, 1000, 1000), [2000, 500, 2]],
      [750, consume(0), yes(2, 0, 750), [2000, 500, 2]],
      [1500, consume(3), no(0, 2, 0, null)],
      [1500, consume(2), yes(2, 0, 1000), [2000, 1500, 2]],
    ],
  },
  {
    title: 'settling: less is given back, until the bucket would have drained it',
    policy: tokenBucket({ limit: 10, window: '1s' }),
    steps: [
      [0, reserve(8), yes(8, 2, 800), [8000, 0, 10]],
      [300, settle(5), undefined, [2000, 300, 10]],
      [300, reserve(8), yes(10, 0, 1000), [10_000, 300, 10]],
      [1299, consume(9), yes(10, 0, 901), [9010, 1299, 10]],
      [1300, cancel(), undefined, [9010, 1299, 10]],
    ],
  },
  {
    title: 'settling: more becomes a debt',
    policy: tokenBucket({ limit: 10, window: '1s' }),
    steps: [
      [0, reserve(), yes(1, 9, 100)],
      [0, settle(25), undefined, [25_000, 0, 10]],
      [0, consume(), no(25, 0, 2500, 1600)],
      [0, consume(0), no(25, 0, 2500, 1500)],
      [1500, consume(0), yes(10, 0, 1000), [25_000, 0, 10]],
      [1600, consume(), yes(10, 0, 1000), [10_000, 1600, 10]],
      [1600, reset()],
      [1600, consume(), yes(1, 9, 100), [1000, 1600, 10]],
    ],
  },
]
