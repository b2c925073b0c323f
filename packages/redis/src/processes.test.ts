import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bound, neverMore, paced, twice } from '../../core/src/testing/bounds.js'
import { said } from './testing/said.js'
import { type RedisServer, startServer } from './testing/server.js'
import { describeRedis } from './testing/suite.js'

const PROCESSES = 4
const SECONDS = 3
const KEYS = 100
const HAMMER = fileURLToPath(new URL('./testing/hammer.mjs', import.meta.url))

/** What each process makes its limiters of, and what must hold of all that they were admitted together. */
const POLICIES: Record<string, [algorithm: string, options: unknown, bound: Bound, limit: number]> = {
  'sliding-window': ['slidingWindow', { limit: 50, window: '500ms' }, neverMore(500), 50],
  'token-bucket': [
    'tokenBucket',
    { limit: 60, window: '1s', burst: 20 },
    paced({ period: 1000, rate: () => 60, capacity: () => 20 }),
    60,
  ],
  'leaky-bucket': [
    'leakyBucket',
    { limit: 40, window: '1s', queue: 9 },
    paced({ period: 1000, rate: () => 40, capacity: () => 10 }),
    40,
  ],
  'spike-arrest': [
    'spikeArrest',
    '20ps',
    paced({ period: 1000, rate: () => 20, capacity: () => 1, slack: 19 }),
    1,
  ],
  'sliding-log': ['slidingLog', { limit: 30, window: '400ms' }, neverMore(400), 30],
  'sliding-counter': ['slidingCounter', { limit: 40, window: '600ms' }, twice(600, 'under'), 40],
  'fixed-window': ['fixedWindow', { limit: 40, window: '700ms' }, twice(700), 40],
  // Its hour hardly ends in these seconds; where it does, twice as much may pass.
  quota: ['quota', { limit: 200, period: 'hour' }, twice(3_600_000), 200],
}

interface Report {
  readonly asked: number
  readonly failed: number
  readonly admitted: readonly [policy: string, key: string, now: number, cost: number][]
}

describeRedis(`${PROCESSES} processes that hammer the same keys`, () => {
  let server: RedisServer

  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  it('are admitted no more than the bound, over any interval', { timeout: 60_000 }, async () => {
    const policies = Object.fromEntries(
      Object.entries(POLICIES).map(([name, [algorithm, options]]) => [name, [algorithm, options]]),
    )
    const task = JSON.stringify({ port: server.port, policies, keys: KEYS, seconds: SECONDS })
    const children = Array.from({ length: PROCESSES }, () => fork(HAMMER, [task]))
    await Promise.all(children.map(said))
    const reports = children.map(said<Report>)
    for (const child of children) child.send('go')
    const all = await Promise.all(reports)

    expect(all.map(({ failed }) => failed)).toEqual(Array(PROCESSES).fill(0))
    expect(all.every(({ admitted }) => admitted.length > 20)).toBe(true)
    const admitted = all.flatMap(({ admitted }) => admitted).sort((a, b) => a[2] - b[2])
    for (const [policy, [, , bound, limit]] of Object.entries(POLICIES)) {
      const own = admitted.filter(([name]) => name === policy)
      const keys = new Set(own.map(([, key]) => key))
      for (const key of keys) {
        bound(
          own
            .filter(([, other]) => other === key)
            .map(([, , at, units]) => ({ at, kind: 'admitted', units, limit })),
        )
      }
      // And they did hammer: the hot key was at its limit all the time, and most of the others were asked for.
      const hot = own.filter(([, key]) => key === 'hot').reduce((sum, [, , , units]) => sum + units, 0)
      expect(hot, policy).toBeGreaterThanOrEqual(policy === 'quota' ? limit : 2 * limit + 1)
      expect(keys.size, policy).toBeGreaterThan(KEYS / 2)
    }
  })
})
