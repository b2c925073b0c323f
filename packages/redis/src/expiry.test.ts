import {
  createLimiter,
  fixedWindow,
  leakyBucket,
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
      const { consume } = limiter('own')
      const before = performance.now()
      const { resetMs, now } = await consume('k')
      const left = await pttl('own')
      const most = resetMs + SET_BACK_MS
      expect(left).toBeLessThanOrEqual(most)
      expect(left).toBeGreaterThanOrEqual(most - (performance.now() - before) - 1)
      // A later charge carries it on.
      const later = await consume('k', { cost: algorithm === 'spikeArrest' ? 1 : 2 })
      expect(await pttl('own')).toBeGreaterThan(left - (later.now - now) - 1000)
    })

    it('stays under a clock that was given', async () => {
      await limiter('given', () => 1_900_000_000_000).consume('k')
      expect(await pttl('given')).toBe(-1)
    })
  })
})
