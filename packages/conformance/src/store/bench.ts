import {
  createLimiter,
  type Decision,
  fixedWindow,
  type Limiter,
  leakyBucket,
  memoryStore,
  type Outcome,
  type Policy,
  type PolicyOptions,
  quota,
  type Store,
  slidingCounter,
  slidingLog,
  slidingWindow,
  tokenBucket,
} from '@spillway/core'
import { expect } from 'vitest'
import type { StoreHarness } from './harness.js'

export const SECOND = 1000
export const MINUTE: number = 60 * SECOND
export const HOUR: number = 60 * MINUTE

/** A moment a little after the start of an hour. */
export const NOW: number = Date.UTC(2030, 0, 1, 12) + 7_001

/** What every policy of {@link POLICIES} holds at most. */
export const LIMIT = 4

/** One policy of each algorithm that admits {@link LIMIT} units at once. */
export const POLICIES: Readonly<Record<string, (options?: PolicyOptions) => Policy>> = {
  tokenBucket: (options) => tokenBucket({ limit: LIMIT, window: '1m', ...options }),
  leakyBucket: (options) => leakyBucket({ limit: LIMIT, window: '1m', queue: LIMIT - 1, ...options }),
  slidingWindow: (options) => slidingWindow({ limit: LIMIT, window: '1m', ...options }),
  slidingLog: (options) => slidingLog({ limit: LIMIT, window: '1m', ...options }),
  slidingCounter: (options) => slidingCounter({ limit: LIMIT, window: '1m', ...options }),
  fixedWindow: (options) => fixedWindow({ limit: LIMIT, window: '1m', ...options }),
  quota: (options) => quota({ limit: LIMIT, period: 'hour', ...options }),
}

/** A limiter on some store, under a clock that stands still unless told. */
export interface Bench<Name extends string> {
  readonly limiter: Limiter<Name>
  now: number
}

type Script<Name extends string> = (bench: Bench<Name>) => Promise<void>

/** Does the same with the store and with core's `memoryStore`: every reply must be of the same integers. */
export async function sameAsMemory<const Name extends string>(
  harness: StoreHarness,
  policies: Readonly<Record<Name, Policy>>,
  script: Script<Name>,
): Promise<void> {
  const outcomes = await record(await harness.create(), policies, script)
  expect(outcomes).toEqual(await record(memoryStore(), policies, script))
}

async function record<const Name extends string>(
  store: Store,
  policies: Readonly<Record<Name, Policy>>,
  script: Script<Name>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const recorder: Store = {
    sync: false,
    prepare(plan) {
      const apply = store.prepare(plan)
      return async (...call) => {
        const outcome = await apply(...call)
        const { now, passed, results } = outcome
        outcomes.push({
          now,
          passed,
          results: results.map(({ passed, reply }) => ({ passed, reply: [...reply] })),
        })
        return outcome
      }
    },
  }
  const bench = on(recorder, policies)
  await script(bench)
  return outcomes
}

/** A bench on the store itself. */
export function on<const Name extends string>(
  store: Store,
  policies: Readonly<Record<Name, Policy>>,
  name = 'contract',
): Bench<Name> {
  const clock = (): number => bench.now
  const bench = {
    now: NOW,
    // The store itself is asked, every time: nothing stands in for it.
    limiter: createLimiter({
      name,
      policies,
      store,
      clock,
      deadline: '10s',
      fallback: 'deny',
      denyCache: 0,
    }) as Limiter<Name>,
  }
  return bench
}

/** How many of these were admitted. */
export function admitted(decisions: readonly Decision[]): number {
  return decisions.filter(({ allowed }) => allowed).length
}
