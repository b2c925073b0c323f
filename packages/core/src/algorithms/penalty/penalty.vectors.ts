import { fixedWindow } from '../fixed-window/fixed-window.js'
import { slidingLog } from '../sliding-log/sliding-log.js'
import { slidingWindow } from '../sliding-window/sliding-window.js'
import { tokenBucket } from '../token-bucket/token-bucket.js'
import { consume, no, peek, reserve, settle, type Vector, yes } from '../vector.js'
import { penalty } from './penalty.js'

/** State: that of the policy inside, then the end of the last penalty, and how many offences there were. */
export const penaltyVectors: readonly Vector[] = [
  {
    title: 'asking does not move its end, and after it the same request is admitted',
    policy: penalty(slidingWindow({ limit: 2, window: '10s' }), { first: '30s', max: '2m' }),
    steps: [
      [0, consume(2), yes(2, 0, 10_000), [2, 0, 2, 0, 0]],
      [1000, peek(), no(2, 0, 30_000, 30_000), [2, 0, 2, 0, 0]],
      [1000, consume(), no(2, 0, 30_000, 30_000), [2, 0, 2, 31_000, 1]],
      [11_000, consume(), no(0, 0, 20_000, 20_000), [2, 0, 2, 31_000, 1]],
      [30_999, consume(2), no(0, 0, 1, 1), [2, 0, 2, 31_000, 1]],
      [31_000, consume(2), yes(2, 0, 10_000), [2, 31_000, 2, 31_000, 1]],
    ],
  },
  {
    title: 'each one doubles up to `max`, and is a first one again after behaving for as long',
    policy: penalty(slidingWindow({ limit: 2, window: '10s' }), { first: '30s', max: '2m' }),
    steps: [
      [0, consume(2), yes(2, 0, 10_000)],
      [0, consume(), no(2, 0, 30_000, 30_000), [2, 0, 2, 30_000, 1]],
      [30_000, consume(2), yes(2, 0, 10_000)],
      [30_000, consume(), no(2, 0, 60_000, 60_000), [2, 30_000, 2, 90_000, 2]],
      [90_000, consume(2), yes(2, 0, 10_000)],
      [90_000, consume(), no(2, 0, 120_000, 120_000), [2, 90_000, 2, 210_000, 3]],
      [329_999, consume(2), yes(2, 0, 10_000)],
      [329_999, consume(), no(2, 0, 120_000, 120_000), [2, 329_999, 2, 449_999, 4]],
      [569_999, consume(2), yes(2, 0, 10_000)],
      [569_999, consume(), no(2, 0, 30_000, 30_000), [2, 569_999, 2, 599_999, 1]],
    ],
  },
  {
    title: 'a factor of its own',
    policy: penalty(tokenBucket({ limit: 2, window: '1s' }), { first: '1s', factor: 5, max: '10s' }),
    steps: [
      [0, consume(2), yes(2, 0, 1000)],
      [0, consume(), no(2, 0, 1000, 1000), [2000, 0, 2, 1000, 1]],
      [1000, consume(2), yes(2, 0, 1000)],
      [1000, consume(), no(2, 0, 5000, 5000), [2000, 1000, 2, 6000, 2]],
      [6000, consume(2), yes(2, 0, 1000)],
      [6000, consume(), no(2, 0, 10_000, 10_000), [2000, 6000, 2, 16_000, 3]],
    ],
  },
  {
    title: 'where the policy waits longer than the penalty lasts, that is the wait',
    policy: penalty(fixedWindow({ limit: 1, window: '1m' }), { first: '1s', max: '1s' }),
    steps: [
      [0, consume(), yes(1, 0, 60_000), [0, 60_000, 1, 0, 0]],
      [0, consume(), no(1, 0, 60_000, 60_000), [0, 60_000, 1, 1000, 1]],
      [999, consume(), no(1, 0, 59_001, 59_001), [0, 60_000, 1, 1000, 1]],
      [1000, consume(), no(1, 0, 59_000, 59_000), [0, 60_000, 1, 2000, 2]],
      [60_000, consume(), yes(1, 0, 60_000)],
    ],
  },
  {
    title: 'what never fits, and what costs nothing, is no offence',
    policy: penalty(tokenBucket({ limit: 2, window: '1s' }), { first: '10s', max: '10s' }),
    steps: [
      [0, consume(3), no(0, 2, 0, null), [0, 0, 0, 0, 0]],
      [0, consume(1, 0), no(0, 0, 0, null), [0, 0, 0, 0, 0]],
      [0, reserve(2), yes(2, 0, 1000)],
      [0, settle(4), undefined, [4000, 0, 2, 0, 0]],
      [0, consume(0), no(4, 0, 2000, 1000), [4000, 0, 2, 0, 0]],
      [0, consume(), no(4, 0, 10_000, 10_000), [4000, 0, 2, 10_000, 1]],
      [5000, consume(0), no(0, 0, 5000, 5000)],
      [5000, consume(3), no(0, 0, 5000, null)],
      [10_000, consume(), yes(1, 1, 500), [1000, 10_000, 2, 10_000, 1]],
    ],
  },
  {
    title: 'settling gives back while one runs, and ends it no sooner',
    policy: penalty(slidingLog({ limit: 2, window: '10s' }), { first: '30s', max: '1m' }),
    steps: [
      [0, reserve(2), yes(2, 0, 10_000)],
      [0, consume(), no(2, 0, 30_000, 30_000), [2, 0, 2, 30_000, 1]],
      [1, settle(1), undefined, [1, 0, 1, 30_000, 1]],
      [1, consume(), no(1, 0, 29_999, 29_999), [1, 0, 1, 30_000, 1]],
      [30_000, consume(), yes(1, 1, 10_000)],
    ],
  },
  {
    title: 'a clock set back: up to a minute time stands still, further back it begins anew',
    policy: penalty(slidingLog({ limit: 1, window: '1s' }), { first: '30s', max: '30s' }),
    steps: [
      [3_600_000, consume(), yes(1, 0, 1000), [1, 3_600_000, 1, 0, 0]],
      [3_600_000, consume(), no(1, 0, 30_000, 30_000), [1, 3_600_000, 1, 3_630_000, 1]],
      [3_540_000, consume(), no(1, 0, 90_000, 90_000), [1, 3_600_000, 1, 3_630_000, 1]],
      [3_539_999, consume(), no(1, 0, 30_000, 30_000), [1, 3_539_999, 1, 3_569_999, 1]],
      [3_569_998, consume(), no(0, 0, 1, 1)],
      [3_569_999, consume(), yes(1, 0, 1000), [1, 3_569_999, 1, 3_569_999, 1]],
    ],
  },
]
