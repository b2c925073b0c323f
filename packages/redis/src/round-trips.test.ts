import { createLimiter, type LimiterOptions, type Policy, slidingWindow, tokenBucket } from '@spillway/core'
import { Redis } from 'ioredis'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startProxy } from './faults/proxy.js'
import { redisOptions, redisStore } from './index.js'
import { commandCounts } from './testing/command-counts.js'
import { ready } from './testing/ready.js'
import { describeRedis } from './testing/suite.js'
import { useRedis } from './testing/use-client.js'

describeRedis('what a decision costs Redis', () => {
  const client = useRedis()
  let limiters = 0

  beforeAll(async () => {
    await limiter({ warm: tokenBucket({ limit: 9, window: '1s' }) }).consume('k')
  })

  const limiter = (policies: Record<string, Policy>, options: Partial<LimiterOptions> = {}) =>
    createLimiter({
      name: `costs-${limiters++}`,
      store: redisStore({ client: client() }),
      deadline: '10s',
      fallback: 'deny',
      policies,
      ...options,
    })

  const policies = (count: number, limit = 100) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => {
        const options = { limit: limit + i, window: '1m' } as const
        return [`p${i}`, i % 2 ? slidingWindow(options) : tokenBucket(options)]
      }),
    )

  const oneByOne = async (times: number, ask: () => Promise<unknown>) => {
    for (let i = 0; i < times; i++) await ask()
  }

  describe.each([1, 3, 6])('under %i policies', (count) => {
    it('is one script call, a read and a write by key, and one look at the clock', async () => {
      const { consume } = limiter(policies(count))
      const counts = await commandCounts(client(), () => oneByOne(10, () => consume('k')))
      expect(counts).toEqual({ evalsha: 10, get: 10 * count, set: 10 * count, time: 10 })
    })

    it('is as much when it refuses, but a look for a master instead of the writes', async () => {
      const { consume } = limiter(policies(count, 1), { denyCache: 0 })
      await consume('k')
      const counts = await commandCounts(client(), () => oneByOne(10, () => consume('k')))
      expect(counts).toEqual({ evalsha: 10, get: 10 * count, getex: 10, time: 10 })
    })

    it('nor does a peek write', async () => {
      const { peek } = limiter(policies(count))
      const counts = await commandCounts(client(), () => oneByOne(10, () => peek('k')))
      expect(counts).toEqual({ evalsha: 10, get: 10 * count, getex: 10, time: 10 })
    })
  })

  describe('of many in one turn', () => {
    it('is one script call for 100 by one key, read once and written once', async () => {
      const { consume } = limiter(policies(1, 60))
      const counts = await commandCounts(client(), async () => {
        const decisions = await Promise.all(Array.from({ length: 100 }, () => consume('k')))
        expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(60)
      })
      expect(counts).toEqual({ evalsha: 1, get: 1, set: 1, time: 1 })
    })

    it('is one script call for those of several limiters on one store, each by its own policies', async () => {
      const store = redisStore({ client: client() })
      const [one, other, both, again] = [
        limiter({ a: tokenBucket({ limit: 3, window: '1m' }) }, { store }),
        limiter({ a: slidingWindow({ limit: 1, window: '1h' }) }, { store }),
        limiter(
          { a: tokenBucket({ limit: 7, window: '1m' }), b: slidingWindow({ limit: 2, window: '1h' }) },
          { store },
        ),
        limiter({ a: tokenBucket({ limit: 3, window: '1m' }) }, { store }),
      ] as const
      const asked = [both, one, other, again, both, both, other, one]
      const counts = await commandCounts(client(), async () => {
        const decisions = await Promise.all(asked.map(({ consume }) => consume('k')))
        expect(decisions.map(({ policy, limit, used, allowed }) => [policy, limit, used, allowed])).toEqual([
          ['b', 2, 1, true],
          ['a', 3, 1, true],
          ['a', 1, 1, true],
          ['a', 3, 1, true],
          ['b', 2, 2, true],
          ['b', 2, 2, false],
          ['a', 1, 1, false],
          ['a', 3, 2, true],
        ])
      })
      expect(counts).toEqual({ evalsha: 1, get: 5, set: 5, time: 1 })
    })

    it('is one script call for 100 by as many keys, and bounded for more', async () => {
      const { consume } = limiter(policies(1))
      const ask = (times: number) => () =>
        Promise.all(Array.from({ length: times }, (_, i) => consume(`k${i}`)))
      expect(await commandCounts(client(), ask(100))).toMatchObject({ evalsha: 1, get: 100, set: 100 })
      expect(await commandCounts(client(), ask(300))).toMatchObject({ evalsha: 3, get: 300, set: 300 })
    })
  })

  it.each([
    ['50ms', 0],
    // A call is then under way for longer than many a turn of the event loop.
    ['100ms', 45],
    ['10s', 45],
  ] as const)(
    'is at most a call a second for a flood of what is known to be refused: with a deadline of %s, and an answer after %i ms',
    { timeout: 30_000 },
    async (deadline, delayMs) => {
      const proxy = await startProxy(client().options.port as number)
      const far = await ready(new Redis(proxy.port, redisOptions))
      onTestFinished(() => {
        far.disconnect()
        proxy.close()
      })
      proxy.trouble = { delayMs }
      const { consume } = limiter(
        { window: slidingWindow({ limit: 5, window: '1h' }) },
        { store: redisStore({ client: far }), deadline },
      )
      await oneByOne(6, () => consume('flooded'))
      const started = performance.now()
      let [refused, missed] = [0, 0]
      const flood = async () => {
        while (refused < 10_000 || performance.now() < started + 3500) {
          const decisions = await Promise.all(Array.from({ length: 4 }, () => consume('flooded')))
          refused += decisions.filter(({ allowed }) => !allowed).length
          // On a machine that is busy with other things Redis may be too late: then it is asked again.
          missed += decisions.filter(({ source }) => source === 'local').length
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
      }
      const flooding = () => Promise.all(Array.from({ length: 5 }, flood))
      const { evalsha } = await commandCounts(client(), flooding)
      const seconds = (performance.now() - started) / 1000
      expect(refused).toBeGreaterThanOrEqual(10_000)
      expect(evalsha).toBeGreaterThan(0)
      expect(evalsha).toBeLessThanOrEqual(seconds + missed)
    },
  )

  it('is one call more when the script was flushed, once', async () => {
    const { consume } = limiter(policies(1))
    await client().script('FLUSH')
    const counts = await commandCounts(client(), () => oneByOne(3, () => consume('k')))
    expect(counts).toEqual({ evalsha: 3, eval: 1, get: 3, set: 3, time: 3 })
  })

  it('is one call to reset, which leaves nothing', async () => {
    const { consume, reset, name } = limiter(policies(3))
    await consume('k')
    expect(await client().keys(`*:${name}:*`)).toHaveLength(3)
    expect(await commandCounts(client(), () => reset('k'))).toMatchObject({ evalsha: 1, del: 3 })
    expect(await client().keys(`*:${name}:*`)).toEqual([])
  })
})
