export type {
  Algorithm,
  Edges,
  Lease,
  Op,
  Penalty,
  Reading,
  Reply,
  Spacing,
  State,
  Twin,
} from './algorithms/algorithm.js'
export type { ConcurrencyOptions } from './algorithms/concurrency/concurrency.js'
export { concurrency } from './algorithms/concurrency/concurrency.js'
export type { FixedWindowOptions } from './algorithms/fixed-window/fixed-window.js'
export { fixedWindow } from './algorithms/fixed-window/fixed-window.js'
export type { LeakyBucketOptions } from './algorithms/leaky-bucket/leaky-bucket.js'
export { leakyBucket } from './algorithms/leaky-bucket/leaky-bucket.js'
export type { PenaltyOptions } from './algorithms/penalty/penalty.js'
export { penalty } from './algorithms/penalty/penalty.js'
export type { Anchor, Period } from './algorithms/quota/calendar.js'
export type { QuotaOptions } from './algorithms/quota/quota.js'
export { quota } from './algorithms/quota/quota.js'
export type { SlidingCounterOptions } from './algorithms/sliding-counter/sliding-counter.js'
export { slidingCounter } from './algorithms/sliding-counter/sliding-counter.js'
export type { SlidingLogOptions } from './algorithms/sliding-log/sliding-log.js'
export { slidingLog } from './algorithms/sliding-log/sliding-log.js'
export type { SlidingWindowOptions } from './algorithms/sliding-window/sliding-window.js'
export { slidingWindow } from './algorithms/sliding-window/sliding-window.js'
export type { SpikeRate } from './algorithms/spike-arrest/spike-arrest.js'
export { spikeArrest } from './algorithms/spike-arrest/spike-arrest.js'
export type { TokenBucketOptions } from './algorithms/token-bucket/token-bucket.js'
export { tokenBucket } from './algorithms/token-bucket/token-bucket.js'
export type { CallOptions, Keys, PerPolicy, ReserveOptions } from './call.js'
export type { Decision, PolicyState, RefusalCode } from './decision.js'
export type { Duration } from './duration.js'
export type { SpillwayErrorCode } from './errors.js'
export { SpillwayError } from './errors.js'
export type { Counted, Explanation, NotCounted, PolicyExplanation } from './explain.js'
export type { Limiter, LimiterOptions, SyncLimiter } from './limiter.js'
export { createLimiter } from './limiter.js'
export type { Policy, PolicyCode, PolicyOptions } from './policy.js'
export type { MeterOptions, Reservation, SettleOptions } from './reservation.js'
export type { Fallback } from './resilience/fallback.js'
export type {
  Apply,
  Attempt,
  Mode,
  OpResult,
  Outcome,
  Plan,
  PlannedPolicy,
  Store,
  SyncApply,
  SyncStore,
} from './store.js'
export { SETTLED_MS } from './store.js'
export type { MemoryStore, MemoryStoreOptions } from './stores/memory.js'
export { memoryStore } from './stores/memory.js'
export type { MemoryStats } from './stores/table.js'
export type { Transition, Write } from './transition.js'
export { transition } from './transition.js'
export type { Warning } from './warnings.js'
