import { describe, expect, it } from 'vitest'
import type { Op, Reply } from './algorithms/algorithm.js'
import { fixedWindow } from './algorithms/fixed-window/fixed-window.js'
import { leakyBucket } from './algorithms/leaky-bucket/leaky-bucket.js'
import { penalty } from './algorithms/penalty/penalty.js'
import { quota } from './algorithms/quota/quota.js'
import { slidingCounter } from './algorithms/sliding-counter/sliding-counter.js'
import { slidingLog } from './algorithms/sliding-log/sliding-log.js'
import { slidingWindow } from './algorithms/sliding-window/sliding-window.js'
import { spikeArrest } from './algorithms/spike-arrest/spike-arrest.js'
import { tokenBucket } from './algorithms/token-bucket/token-bucket.js'
import { createLimiter } from './limiter.js'
import type { Policy } from './policy.js'
import type { Mode } from './store.js'
import { memoryStore } from './stores/memory.js'

const NOW = Date.UTC(2024, 4, 1, 12)

const bucket = (options: object) => tokenBucket({ limit: 5, window: '1m', ...options })
const leaky = (options: object) => leakyBucket({ limit: 5, window: '1m', queue: 4, ...options })
const sliding = (options: object) => slidingWindow({ limit: 5, window: '1m', ...options })
const log = (options: object) => slidingLog({ limit: 5, window: '1m', ...options })
const counter = (options: object) => slidingCounter({ limit: 5, window: '1m', ...options })
const fixed = (options: object) => fixedWindow({ limit: 5, window: '1m', ...options })
const month = (options: object) => quota({ limit: 5, period: 'month', ...options })
const punished = (policy: Policy, options: object = {}) =>
  penalty(policy, { first: '30s', max: '1h', ...options })
const year = (month: number) => quota({ limit: 5, period: 'year', anchor: { month, day: 2 } })

type Pair = [what: string, one: Policy, other: Policy]

/** What gives a state its meaning. */
const meanings: Pair[] = [
  ['window of a token bucket', bucket({}), bucket({ window: '1h' })],
  ['window of a leaky bucket', leaky({}), leaky({ window: '1h' })],
  ['window of a sliding window', sliding({}), sliding({ window: '1h' })],
  ['segments of a sliding window', sliding({}), sliding({ segments: 30 })],
  ['window of a log', log({}), log({ window: '1h' })],
  ['window of a sliding counter', counter({}), counter({ window: '1h' })],
  ['window of a fixed window', fixed({}), fixed({ window: '1h' })],
  ['start of a fixed window', fixed({}), fixed({ start: 'first' })],
  ['period of a quota', month({}), month({ period: 'year' })],
  ['time zone of a quota', month({}), month({ timeZone: 'Asia/Tokyo' })],
  ['anchor of a month', month({}), month({ anchor: 2 })],
  ['anchor of a year', year(1), year(2)],
  ['shape of a bucket', bucket({}), leaky({})],
  ['window inside a penalty', punished(sliding({})), punished(sliding({ window: '1h' }))],
  ['penalty, or none', sliding({}), punished(sliding({}))],
  ['kind of log', sliding({ segments: 1000 }), log({})],
]

/** What may change while the state goes on. */
const terms: Pair[] = [
  ['limit of a sliding window', sliding({}), sliding({ limit: 6 })],
  ['burst of a token bucket', bucket({}), bucket({ burst: 6 })],
  ['queue of a leaky bucket', leaky({}), leaky({ queue: 5 })],
  ['rate of a spike arrest', spikeArrest('5pm'), spikeArrest('6pm')],
  ['first length of a penalty', punished(sliding({})), punished(sliding({}), { first: '1m' })],
  ['factor of a penalty', punished(sliding({})), punished(sliding({}), { factor: 3 })],
  ['longest penalty', punished(sliding({})), punished(sliding({}), { max: '2h' })],
  ['burst inside a penalty', punished(bucket({})), punished(bucket({ burst: 6 }))],
  ['mark of a warning', sliding({}), sliding({ warnAt: 0.8 })],
  ['overage of a quota', month({}), month({ overage: 'allow' })],
]

describe('two limiters of one name on one store', () => {
  function build(one: Policy, other: Policy): void {
    const store = memoryStore()
    createLimiter({ name: 'api', store, policies: { policy: one } })
    createLimiter({ name: 'api', store, policies: { policy: other } })
  }

  it.each([...meanings, ...terms])('are refused when they have another %s', (_what, one, other) => {
    expect(() => build(one, other)).toThrow(expect.objectContaining({ code: 'NAME_TAKEN' }))
  })

  it('are one pool when an anchor is written that is the default', () => {
    expect(() => build(month({}), month({ anchor: 1 }))).not.toThrow()
  })
})

// As by the old and the new version of an app.
describe('the state of a key', () => {
  /** Units that `other` finds after `one` charged a unit. */
  function found(one: Policy, other: Policy): number {
    const store = memoryStore()
    const ask = (policy: Policy, mode: Mode, cost: number) => {
      const op: Op = { policy: 0, key: 'k', cost, limit: 5, fits: true, edges: policy.edges?.(NOW) }
      const apply = store.prepare({ name: 'api', policies: [{ ...policy, name: 'policy' }] })
      const [result] = apply([op], mode, NOW).results
      return policy.algorithm.read(result?.reply as Reply, op, NOW, false).used
    }
    ask(one, 'consume', 1)
    return ask(other, 'peek', 0)
  }

  it.each(meanings)('does not go on with another %s', (_what, one, other) => {
    expect(found(one, other)).toBe(0)
  })

  it.each(terms)('goes on with another %s', (_what, one, other) => {
    expect(found(one, other)).toBe(1)
  })
})
