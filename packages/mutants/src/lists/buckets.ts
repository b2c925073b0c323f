import type { Mutants } from '../mutant.js'

export const tokenBucket: Mutants = {
  file: 'packages/core/src/algorithms/token-bucket/token-bucket.ts',
  tests: [
    'packages/core/src/algorithms/token-bucket/token-bucket.test.ts',
    'packages/core/src/pool.test.ts',
    'packages/core/src/misuse.test.ts',
  ],
  changes: [
    ["a caller's own limit does not widen the burst", 'capacity: burst', 'capacity: burst ?? limit'],
    ["a caller's own limit replaces a written burst", 'capacity: burst,', ''],
    ["a caller's own limit leaves the rate as it is", 'capacity: burst,', 'capacity: burst, rate: limit,'],
    ['the limit is not checked', "checkCount(limit, 'limit')\n", ''],
    ['the burst is not checked', "if (burst !== undefined) checkCount(burst, 'burst')", ''],
    ['buckets with other bursts are one pool', 'configuration: [burst ?? null]', 'configuration: []'],
  ],
}

export const leakyBucket: Mutants = {
  file: 'packages/core/src/algorithms/leaky-bucket/leaky-bucket.ts',
  tests: [
    'packages/core/src/algorithms/leaky-bucket/leaky-bucket.test.ts',
    'packages/core/src/pool.test.ts',
    'packages/core/src/misuse.test.ts',
  ],
  changes: [
    ['what can start at once takes a place in the queue', 'capacity: queue + 1', 'capacity: queue'],
    ["a caller's own limit leaves the rate as it is", 'shapes: true', 'shapes: true, rate: limit'],
    ['it does not delay', 'shapes: true', 'shapes: false'],
    [
      'no queue is no queue that can be written',
      "checkCount(queue, 'queue', 0)",
      "checkCount(queue, 'queue')",
    ],
    ['the queue is not checked', "checkCount(queue, 'queue', 0)", ''],
    ['the advice is one too many', 'units - 1', 'units'],
    ['buckets with other queues are one pool', 'configuration: [queue]', 'configuration: []'],
  ],
}

export const spikeArrest: Mutants = {
  file: 'packages/core/src/algorithms/spike-arrest/spike-arrest.ts',
  tests: [
    'packages/core/src/algorithms/spike-arrest/spike-arrest.test.ts',
    'packages/core/src/algorithms/extremes.test.ts',
    'packages/core/src/pool.test.ts',
    'packages/core/src/misuse.test.ts',
  ],
  changes: [
    ['the whole rate cannot be reached', 'slack: calls - 1', 'slack: 0'],
    ['calls come 1 ms too early', 'slack: calls - 1', 'slack: calls'],
    ['two calls at once are let in', 'capacity: 1,', 'capacity: 2,'],
    ['a rate per minute is one per second', '1000 : 60_000', '1000 : 1000'],
    ['the fastest rate is refused', 'calls > period', 'calls >= period'],
    ['a rate beyond 1 ms is taken', 'calls > period', 'false'],
    ['a rate of 0 is taken', '[1-9]\\d*', '\\d+'],
    ['a refusal tells no spacing', 'spaces: true', 'spaces: false'],
    ['a call may bring its own rate', 'limit: 1, fixedLimit }', 'limit: 1 }'],
    ['other rates are one pool', 'configuration: [calls]', 'configuration: []'],
  ],
}
