import fc from 'fast-check'
import { concurrency } from '../algorithms/concurrency/concurrency.js'
import { fixedWindow } from '../algorithms/fixed-window/fixed-window.js'
import { leakyBucket } from '../algorithms/leaky-bucket/leaky-bucket.js'
import { penalty } from '../algorithms/penalty/penalty.js'
import type { Period } from '../algorithms/quota/calendar.js'
import { quota } from '../algorithms/quota/quota.js'
import { slidingCounter } from '../algorithms/sliding-counter/sliding-counter.js'
import { slidingLog } from '../algorithms/sliding-log/sliding-log.js'
import { slidingWindow } from '../algorithms/sliding-window/sliding-window.js'
import { type SpikeRate, spikeArrest } from '../algorithms/spike-arrest/spike-arrest.js'
import { tokenBucket } from '../algorithms/token-bucket/token-bucket.js'
import type { Policy, PolicyOptions } from '../policy.js'
import { limit, most, windowMs } from './arbitraries.js'
import { type Bound, heldAtOnce, neverMore, paced, twice } from './bounds.js'
import type { Oracle } from './oracle.js'
import { counterOracle } from './oracles/counter.js'
import { leaseOracle } from './oracles/leases.js'
import { logOracle } from './oracles/log.js'
import { type MeterTerms, meterOracle } from './oracles/meter.js'
import { type PenaltyTerms, penaltyOracle } from './oracles/penalty.js'
import { windowOracle } from './oracles/window.js'
import { lengthOf, periodOf } from './utc.js'

/** A policy, and all that is to be believed of it. */
export interface Subject {
  readonly policy: Policy
  readonly oracle: () => Oracle
  readonly bound: Bound
  readonly capacity: (limit: number) => number
  /** A length of time in which much happens. */
  readonly scaleMs: number
  /** It admits beyond its limit. */
  readonly soft?: boolean
}

/** An algorithm with any parameters. */
export interface Kind<P = unknown> {
  readonly params: fc.Arbitrary<P>
  build(params: P, options: PolicyOptions): Subject
}

const ms = (length: number) => `${length}ms` as const
const itself = (limit: number) => limit

function metered(policy: Policy, terms: MeterTerms, scaleMs: number): Subject {
  return {
    policy,
    oracle: () => meterOracle(terms),
    bound: paced(terms),
    capacity: terms.capacity,
    scaleMs,
  }
}

export const tokenBucketKind: Kind<{ window: number; limit: number; burst: number | undefined }> = {
  params: windowMs.chain((window) => {
    const capacity = limit(most(window))
    // A bucket must hold what flows in within a millisecond.
    const split = fc.record({ burst: capacity, limit: limit(1_000_000) })
    return fc.oneof(
      capacity.map((limit) => ({ window, limit, burst: undefined })),
      split.map(({ burst, limit }) => ({ window, limit: Math.min(limit, burst * window), burst })),
    )
  }),
  build({ window, limit, burst }, options) {
    const policy = tokenBucket({ limit, window: ms(window), ...(burst && { burst }), ...options })
    const capacity = burst === undefined ? itself : () => burst
    return metered(policy, { period: window, rate: itself, capacity }, window)
  },
}

export const leakyBucketKind: Kind<{ window: number; limit: number; queue: number }> = {
  params: windowMs.chain((window) =>
    fc
      .record({ queue: fc.oneof(fc.nat(10), limit(most(window) - 1)), limit: limit(1_000_000) })
      .map(({ queue, limit }) => ({ window, limit: Math.min(limit, (queue + 1) * window), queue })),
  ),
  build({ window, limit, queue }, options) {
    const policy = leakyBucket({ limit, window: ms(window), queue, ...options })
    return metered(
      policy,
      { period: window, rate: itself, capacity: () => queue + 1, shapes: true },
      Math.ceil((window * (queue + 1)) / limit),
    )
  },
}

export const spikeArrestKind: Kind<{ rate: SpikeRate }> = {
  params: fc
    .oneof(
      fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.constant('ps' as const)),
      fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.constant('pm' as const)),
    )
    .map(([calls, unit]) => ({ rate: `${calls}${unit}` as SpikeRate })),
  build({ rate }, options) {
    const calls = Number(rate.slice(0, -2))
    const period = rate.endsWith('ps') ? 1000 : 60_000
    const terms = { period, rate: () => calls, capacity: () => 1, slack: calls - 1 }
    return metered(spikeArrest(rate, options), terms, Math.ceil(period / calls))
  },
}

export const slidingWindowKind: Kind<{ window: number; limit: number; segments: number }> = {
  params: fc.record({
    window: windowMs,
    limit: limit(2 ** 52),
    segments: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(60), fc.integer({ min: 1, max: 1000 })),
  }),
  build({ window, limit, segments }, options) {
    return {
      policy: slidingWindow({ limit, window: ms(window), segments, ...options }),
      oracle: () => logOracle(window, segments),
      bound: neverMore(window),
      capacity: itself,
      scaleMs: window,
    }
  },
}

export const slidingLogKind: Kind<{ window: number; limit: number }> = {
  params: fc.record({ window: windowMs, limit: limit(1000) }),
  build({ window, limit }, { chargeRefused, ...options }) {
    return {
      policy: slidingLog({ limit, window: ms(window), ...options }),
      oracle: () => logOracle(window),
      bound: neverMore(window),
      capacity: itself,
      scaleMs: window,
    }
  },
}

export const slidingCounterKind: Kind<{ window: number; limit: number }> = {
  params: windowMs.chain((window) => limit(most(window)).map((limit) => ({ window, limit }))),
  build({ window, limit }, options) {
    return {
      policy: slidingCounter({ limit, window: ms(window), ...options }),
      oracle: () => counterOracle(window),
      bound: twice(window, 'under'),
      capacity: itself,
      scaleMs: window,
    }
  },
}

export const fixedWindowKind: Kind<{ window: number; limit: number; start: 'epoch' | 'first' }> = {
  params: fc.record({
    window: windowMs,
    limit: limit(2 ** 52),
    start: fc.constantFrom('epoch' as const, 'first' as const),
  }),
  build({ window, limit, start }, options) {
    const begin = (now: number) => (start === 'first' ? now : Math.floor(now / window) * window)
    return {
      policy: fixedWindow({ limit, window: ms(window), start, ...options }),
      oracle: () => windowOracle((now) => [begin(now), begin(now) + window]),
      bound: twice(window),
      capacity: itself,
      scaleMs: window,
    }
  },
}

export const quotaKind: Kind<{ period: Period; limit: number; overage: 'deny' | 'allow' }> = {
  params: fc.record({
    period: fc.constantFrom<Period[]>('hour', 'day', 'week', 'month', 'year'),
    limit: limit(2 ** 52),
    overage: fc.oneof(
      { weight: 3, arbitrary: fc.constant('deny' as const) },
      { weight: 1, arbitrary: fc.constant('allow' as const) },
    ),
  }),
  build({ period, limit, overage }, options) {
    const soft = overage === 'allow'
    return {
      policy: quota({ limit, period, overage, ...options }),
      oracle: () => windowOracle((now) => periodOf(now, period), soft),
      bound: soft ? () => {} : twice(lengthOf(period)),
      capacity: soft ? () => 2 ** 52 : itself,
      scaleMs: lengthOf(period),
      soft,
    }
  },
}

export const concurrencyKind: Kind<{ lease: number; limit: number }> = {
  params: fc.record({ lease: windowMs, limit: limit(10_000) }),
  build({ lease, limit }, { chargeRefused, ...options }) {
    return {
      policy: concurrency({ limit, lease: ms(lease), ...options }),
      oracle: () => leaseOracle(lease),
      bound: heldAtOnce(lease),
      capacity: itself,
      scaleMs: lease,
    }
  },
}

/** Those that a penalty may stand around. */
const paces: Readonly<Record<string, Kind>> = {
  tokenBucket: tokenBucketKind,
  spikeArrest: spikeArrestKind,
  slidingWindow: slidingWindowKind,
  slidingLog: slidingLogKind,
  slidingCounter: slidingCounterKind,
  fixedWindow: fixedWindowKind,
} as Record<string, Kind>

export const penaltyKind: Kind<PenaltyTerms & { kind: string; params: unknown }> = {
  params: fc
    .constantFrom(...Object.keys(paces))
    .chain((kind) =>
      fc.record({
        kind: fc.constant(kind),
        params: (paces[kind] as Kind).params,
        first: windowMs,
        factor: fc.oneof(fc.constant(2), fc.integer({ min: 2, max: 10 }), fc.constant(2 ** 52)),
        longer: windowMs,
      }),
    )
    .map(({ longer, ...drawn }) => ({ ...drawn, max: drawn.first + longer })),
  build({ kind, params, ...terms }, { chargeRefused, ...options }) {
    const inner = (paces[kind] as Kind).build(params, options)
    const { first, factor, max } = terms
    return {
      ...inner,
      policy: penalty(inner.policy, { first: ms(first), factor, max: ms(max) }),
      oracle: () => penaltyOracle(inner.oracle(), terms),
      scaleMs: Math.max(inner.scaleMs, first),
    }
  },
}

export const everyKind: Readonly<Record<string, Kind>> = {
  penalty: penaltyKind as Kind,
  tokenBucket: tokenBucketKind,
  leakyBucket: leakyBucketKind,
  spikeArrest: spikeArrestKind,
  slidingWindow: slidingWindowKind,
  slidingLog: slidingLogKind,
  slidingCounter: slidingCounterKind,
  fixedWindow: fixedWindowKind,
  quota: quotaKind,
  concurrency: concurrencyKind,
} as Record<string, Kind>
