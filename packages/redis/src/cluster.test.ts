import { storeContract } from '@spillway/conformance'
import { createLimiter, slidingWindow } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { type RedisClient, redisStore } from './index.js'
import { describeRedis } from './testing/suite.js'
import { useCluster } from './testing/use-client.js'

describeRedis('on a Cluster', () => {
  const client = useCluster()
  let stores = 0

  const create = () => redisStore({ client: client(), prefix: `contract-${stores++}` })
  storeContract({
    store: 'ioredis 6, Cluster',
    create,
    exempt: { 'several keys as one': 'what is charged and given back may refuse another meanwhile' },
  })

  describe('a decision', () => {
    const limiter = () =>
      createLimiter({
        name: 'slots',
        store: create(),
        denyCache: 0,
        deadline: '10s',
        policies: {
          user: slidingWindow({ limit: 2, window: '1m' }),
          team: slidingWindow({ limit: 3, window: '1m' }),
        },
      })

    it('by one key is atomic', async () => {
      expect(await limiter().consume('user')).toMatchObject({ allowed: true, atomic: true })
    })

    it('by several keys is not, yet a refusal charges nothing', async () => {
      const { consume, peek } = limiter()
      for (const user of ['u1', 'u1', 'u2']) {
        expect(await consume({ user, team: 't' })).toMatchObject({ allowed: true, atomic: false })
      }
      for (const user of ['u2', 'u3']) {
        const refusal = { allowed: false, policy: 'team', atomic: false, retryAfterMs: expect.any(Number) }
        expect(await consume({ user, team: 't' })).toMatchObject(refusal)
      }
      const used = async (user: string) => (await peek({ user, team: null }, { cost: 0 })).used
      expect(await Promise.all(['u1', 'u2', 'u3'].map(used))).toEqual([2, 1, 0])
    })

    it('that the fallback has made meanwhile charges nothing more', async () => {
      const prefix = 'decided meanwhile'
      const policies = {
        user: slidingWindow({ limit: 2, window: '1m' }),
        team: slidingWindow({ limit: 3, window: '1m' }),
      }
      const direct = createLimiter({
        name: 'late',
        policies,
        store: redisStore({ client: client(), prefix }),
      })
      const used = async () => (await direct.peek({ user: 'u', team: 't' }, { cost: 0 })).policies
      await used()

      let release = () => {}
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      const answers: Promise<unknown>[] = []
      const slow: RedisClient = {
        isCluster: true,
        eval: (...call) => client().eval(...call),
        async evalsha(...call) {
          const answer = client().evalsha(...call)
          answers.push(answer)
          await released
          return answer
        },
      }
      const { consume } = createLimiter({
        name: 'late',
        policies,
        store: redisStore({ client: slow, prefix }),
      })
      expect(await consume({ user: 'u', team: 't' })).toMatchObject({ allowed: true, source: 'local' })
      release()
      for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate)
      await Promise.all(answers)
      expect(answers).toHaveLength(2)
      expect(await used()).toMatchObject({ user: { used: 0 }, team: { used: 0 } })
    })

    it('that is refused only once charged gives back, once', async () => {
      const { consume, peek } = limiter()
      const users = Array.from({ length: 40 }, (_, i) => `u${i}`)
      // All of them see a team with room before any of them is charged.
      const decisions = await Promise.all(users.map((user) => consume({ user, team: 'team' })))
      const admitted = decisions.filter(({ allowed }) => allowed).length
      expect(admitted).toBeLessThanOrEqual(3)
      const used = async (keys: { user: string | null; team: string | null }) =>
        (await peek(keys, { cost: 0 })).used
      const byUser = await Promise.all(users.map((user) => used({ user, team: null })))
      expect(byUser).toEqual(decisions.map(({ allowed }) => (allowed ? 1 : 0)))
      expect(await used({ user: null, team: 'team' })).toBe(admitted)
      expect(admitted).toBe(3)
    })
  })
})
