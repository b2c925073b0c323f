import { concurrencyVectors } from './concurrency/concurrency.vectors.js'
import { fixedWindowVectors } from './fixed-window/fixed-window.vectors.js'
import { leakyBucketVectors } from './leaky-bucket/leaky-bucket.vectors.js'
import { penaltyVectors } from './penalty/penalty.vectors.js'
import { quotaVectors } from './quota/quota.vectors.js'
import { slidingCounterVectors } from './sliding-counter/sliding-counter.vectors.js'
import { slidingLogVectors } from './sliding-log/sliding-log.vectors.js'
import { slidingWindowVectors } from './sliding-window/sliding-window.vectors.js'
import { spikeArrestVectors } from './spike-arrest/spike-arrest.vectors.js'
import { tokenBucketVectors } from './token-bucket/token-bucket.vectors.js'
import type { Vector } from './vector.js'

/** The vectors of all algorithms, by their names: what any store must answer. */
export const vectors: Readonly<Record<string, readonly Vector[]>> = {
  tokenBucket: tokenBucketVectors,
  leakyBucket: leakyBucketVectors,
  spikeArrest: spikeArrestVectors,
  slidingWindow: slidingWindowVectors,
  slidingLog: slidingLogVectors,
  slidingCounter: slidingCounterVectors,
  fixedWindow: fixedWindowVectors,
  quota: quotaVectors,
  concurrency: concurrencyVectors,
  penalty: penaltyVectors,
}
