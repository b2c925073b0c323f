import { setTimeout as sleep } from 'node:timers/promises'
import { concurrency, createLimiter, type SpillwayError, slidingWindow } from '@spillway/core'
import { expect, it } from 'vitest'
import { redisStore } from '../index.js'
import { until } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { connect, describeFault } from './clients.js'
import { startProxy, type Trouble } from './proxy.js'

/** A limiter behind a proxy, and one that reaches the same server by itself. */
async function setUp() {
  const server = await startServer()
  const proxy = await startProxy(server.port)
  const errors: SpillwayError[] = []
  const open = (port: number) => {
    const client = connect(port)
    const limiter = createLimiter({
      name: 'outage',
      store: redisStore({ client }),
      policies: {
        slots: concurrency({ limit: 3, lease: '10m' }),
        tokens: slidingWindow({ limit: 100, window: '1h' }),
      },
      onError: (error) => void errors.push(error),
    })
    return { client, limiter }
  }
  const [through, beside] = [open(proxy.port), open(server.port)]
  await ready(through.client)
  await ready(beside.client)
  // The server knows the script by then.
  await beside.limiter.peek('k')
  /** Slots and tokens in Redis. */
  const used = async () => {
    const { policies, source } = await beside.limiter.peek('k', { cost: 0 })
    expect(source).toBe('store')
    return [policies.slots.used, policies.tokens.used]
  }
  return { limiter: through.limiter, proxy, errors, used }
}

describeFault('Redis gone between reserve and settle', () => {
  const troubles: Trouble[] = ['blackhole', 'mute', 'reset']

  it.concurrent.each(troubles)(
    'and back a second later: settled once (%s)',
    { timeout: 30_000 },
    async (trouble) => {
      const { limiter, proxy, errors, used } = await setUp()
      const [less, more] = [
        await limiter.reserve('k', { cost: { tokens: 30 } }),
        await limiter.reserve('k', { cost: { tokens: 30 } }),
      ]
      proxy.trouble = trouble
      const began = performance.now()
      await Promise.all([less.settle({ tokens: 10 }), more.settle({ tokens: 50 })])
      expect(performance.now() - began).toBeLessThan(1000)
      await sleep(1000)
      proxy.trouble = undefined
      await until(async () => (await used())[0] === 0)
      // Whatever is still to come has come by then.
      await sleep(2000)
      expect(await used()).toEqual([0, 60])
      expect([await less.settle({ tokens: 0 }), await more.cancel()]).toEqual([false, false])
      expect(await used()).toEqual([0, 60])
      expect(errors.map(({ code }) => code)).not.toContain('SETTLEMENT_LOST')
      proxy.close()
    },
  )

  it('and back a minute later: told, and the estimate stays', { timeout: 120_000 }, async () => {
    const { limiter, proxy, errors, used } = await setUp()
    const held = await limiter.reserve('k', { cost: { tokens: 30 } })
    proxy.trouble = 'blackhole'
    expect(await held.settle({ tokens: 10 })).toBe(false)
    await sleep(25_000)
    expect(errors.map(({ code }) => code)).not.toContain('SETTLEMENT_LOST')
    await until(async () => errors.some(({ code }) => code === 'SETTLEMENT_LOST'))
    proxy.trouble = undefined
    await until(async () => (await limiter.peek('other', { cost: 0 })).source === 'store')
    await sleep(1000)
    expect(await used()).toEqual([1, 30])
    proxy.close()
  })

  it("a slot that was given too late is nobody's, and free again at once", { timeout: 30_000 }, async () => {
    const { limiter, proxy, used } = await setUp()
    proxy.trouble = 'mute'
    const held = await Promise.all(Array.from({ length: 3 }, () => limiter.reserve('k')))
    expect(held.map(({ decision }) => [decision.allowed, decision.source])).toEqual(
      Array(3).fill([true, 'local']),
    )
    await until(async () => (await used())[0] === 3)
    // By the local store they are held, whatever becomes of those in Redis.
    expect((await limiter.reserve('k')).decision).toMatchObject({
      allowed: false,
      source: 'local',
      policy: 'slots',
    })
    proxy.trouble = undefined
    await until(async () => (await used())[0] === 0)
    expect(await Promise.all(held.map((each) => each.settle()))).toEqual([true, true, true])
    proxy.close()
  })

  it('a slot that is released meanwhile is free for those whom the local store serves', {
    timeout: 30_000,
  }, async () => {
    const { limiter, proxy, used } = await setUp()
    const held = await Promise.all(Array.from({ length: 3 }, () => limiter.reserve('k')))
    proxy.trouble = 'blackhole'
    expect(await Promise.all(held.map((each) => each.settle()))).toEqual([false, false, false])
    const next = await limiter.reserve('k')
    expect(next.decision).toMatchObject({ allowed: true, source: 'local', used: 1 })
    proxy.trouble = undefined
    await until(async () => (await used())[0] === 0)
    proxy.close()
  })

  it('metering goes on, stops at the limit, and charges nothing twice', { timeout: 30_000 }, async () => {
    const { limiter, proxy, used } = await setUp()
    const held = await limiter.reserve('k', { cost: { tokens: 0 } })
    proxy.trouble = 'mute'
    let produced = 0
    for (let i = 0; i < 12; i++) if (await held.meter({ tokens: 10 })) produced += 10
    expect(produced).toBe(100)
    proxy.trouble = undefined
    await until(async () => (await limiter.peek('other', { cost: 0 })).source === 'store')
    await held.settle()
    await until(async () => (await used())[0] === 0)
    expect((await used())[1]).toBe(produced)
    proxy.close()
  })
})
