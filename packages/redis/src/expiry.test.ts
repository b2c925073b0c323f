import {
  concurrency,
  createLimiter,
  fixedWindow,
  leakyBucket,
  penalty,
  quota,
  slidingCounter,
  slidingLog,
  slidingWindow,
  spikeArrest,
  tokenBucket,
} from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { redisStore } from './index.js'
import { describeRedis } from './testing/suite.js'
import { useRedis } from './testing/use-client.js'

const POLICIES = {
  tokenBucket: tokenBucket({ limit: 10, window: '1m' }),
  leakyBucket: leakyBucket({ limit: 10, window: '1m', queue: 9 }),
  spikeArrest: spikeArrest('6pm'),
  slidingWindow: slidingWindow({ limit: 10, window: '1m' }),
  slidingLog: slidingLog({ limit: 10, window: '1m' }),
  slidingCounter: slidingCounter({ limit: 10, window: '1m' }),
  fixedWindow: fixedWindow({ limit: 10, window: '1m' }),
  quota: quota({ limit: 10, period: 'year' }),
  penalty: penalty(slidingWindow({ limit: 10, window: '1m' }), { first: '1m', max: '1h' }),
  concurrency: concurrency({ limit: 10, lease: '1m' }),
}

/** A clock set back by so much is still held against the state that was written. */
const SET_BACK_MS = 60_000

describeRedis('what is stored', () => {
  const client = useRedis()

  describe.each(Object.entries(POLICIES))('of a %s', (algorithm, policy) => {
    const limiter = (name: string, clock?: () => number) =>
      createLimiter({
        name,
        store: redisStore({ client: client(), prefix: algorithm }),
        policies: { policy },
        deadline: '10s',
        ...(clock && { clock }),
      })
    const pttl = async (name: string) => {
      const [key, ...others] = await client().keys(`${algorithm}:*:${name}:*`)
      expect(others).toEqual([])
      return client().pttl(key as string)
    }

    it('expires a minute after nothing is left of it', async () => {
      const { reserve } = limiter('own')
      const before = performance.now()
      const { resetMs, now } = (await reserve('k')).decision
      const left = await pttl('own')
      const most = resetMs + SET_BACK_MS
      expect(left).toBeLessThanOrEqual(most)
      expect(left).toBeGreaterThanOrEqual(most - (performance.now() - before) - 1)
      // A later charge carries it on.
      const later = await reserve('k', { cost: algorithm === 'spikeArrest' ? 1 : 2 })
      expect(await pttl('own')).toBeGreaterThan(left - (later.decision.now - now) - 1000)
    })

    it('stays under a clock that was given', async () => {
      await limiter('given', () => 1_900_000_000_000).reserve('k')
      expect(await pttl('given')).toBe(-1)
    })
  })

  it('of a penalty is there until its offence is forgotten', async () => {
    const policies = { policy: penalty(spikeArrest('6pm'), { first: '30s', max: '1h' }) }
    const store = redisStore({ client: client(), prefix: 'offence' })
    const limiter = createLimiter({ name: 'own', policies, store, deadline: '10s' })
    await limiter.consume('k')
    const before = performance.now()
    expect(await limiter.consume('k')).toMatchObject({ allowed: false, retryAfterMs: 30_000 })
    const [key] = (await client().keys('offence:*')) as [string]
    const most = 30_000 + 3_600_000 + SET_BACK_MS
    const left = await client().pttl(key)
    expect(left).toBeLessThanOrEqual(most)
    expect(left).toBeGreaterThanOrEqual(most - (performance.now() - before) - 1)
  })

  it('of an adjustment is known for a minute, or as long as the given clock says so', async () => {
    const policies = { policy: tokenBucket({ limit: 10, window: '1m' }) }
    for (const [name, clock] of [
      ['own', undefined],
      ['given', () => 1_900_000_000_000],
    ] as const) {
      const store = redisStore({ client: client(), prefix: 'adjustment' })
      const all = { name, policies, store, deadline: '10s' } as const
      const limiter = createLimiter(clock === undefined ? all : { ...all, clock })
      const before = performance.now()
      await (await limiter.reserve('k', { cost: 3 })).settle(1)
      const [key, ...others] = (await client().keys('adjustment:*')).filter((key) =>
        new RegExp(`^adjustment:\\{k\\}:${name}:\\d+$`).test(key),
      )
      expect(others).toEqual([])
      const left = await client().pttl(key as string)
      if (clock !== undefined) expect(left).toBe(-1)
      else {
        expect(left).toBeLessThanOrEqual(60_000)
        expect(left).toBeGreaterThanOrEqual(60_000 - (performance.now() - before) - 1)
      }
    }
  })

  it('of an adjustment is not known for longer because it is sent again', async () => {
    const policies = [{ ...tokenBucket({ limit: 10, window: '1m' }), name: 'policy' }]
    const apply = redisStore({ client: client(), prefix: 'again' }).prepare({ name: 'again', policies })
    const op = { policy: 0, key: 'k', cost: 1, limit: 10, fits: true, mark: 0, id: 4 }
    const known = () => client().get('again:{k}:again:4')
    await apply([op], 'adjust', 1000)
    for (const later of [1000, 5000, 60_999]) {
      await apply([op], 'adjust', later)
      expect(await known()).toBe('61000')
    }
    await apply([op], 'adjust', 61_000)
    expect(await known()).toBe('121000')
  })

  it('of an adjustment is still known when it was asked for again in another period, in the same call', async () => {
    const policies = [{ ...quota({ limit: 10, period: 'year' }), name: 'year' }]
    const apply = redisStore({ client: client(), prefix: 'period' }).prepare({ name: 'limits', policies })
    const edges = [0, 100, 200, 300] as const
    const op = { policy: 0, key: 'k', cost: 3, limit: 10, fits: true, mark: 100, edges, id: 8 }
    const [made, refused] = await Promise.all([apply([op], 'adjust', 150), apply([op], 'adjust', 300)])
    expect([made.passed, refused.passed]).toEqual([true, false])
    expect((await apply([op], 'adjust', 160)).results).toMatchObject([{ reply: [100, 200, 3] }])
  })
})
