import type { Decision, Limiter } from '@spillway/core'
import { expect, it } from 'vitest'
import { until } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { connect, describeServers, limiterOn } from './clients.js'

const many = (n: number, ask: () => Promise<Decision>) => Promise.all(Array.from({ length: n }, ask))

async function decidesBy(limiter: Limiter, source: Decision['source']): Promise<void> {
  await until(async () => (await limiter.peek('somebody else')).source === source)
}

describeServers('while Redis is away', () => {
  it.concurrent("'local' admits what is left of the limit, and no more", async () => {
    const server = await startServer()
    const limiter = limiterOn(await ready(connect(server.port)), { limit: 20, deadline: '5s' })
    expect((await many(8, () => limiter.consume('user'))).every(({ source }) => source === 'store')).toBe(
      true,
    )
    await server.stop()
    const decisions = await many(40, () => limiter.consume('user'))
    expect(new Set(decisions.map(({ source }) => source))).toEqual(new Set(['local']))
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(12)
  })

  it.concurrent("'allow' admits all, and says that nobody counted", async () => {
    const server = await startServer()
    const limiter = limiterOn(await ready(connect(server.port)), { limit: 1, fallback: 'allow' })
    await server.stop()
    for (const decision of await many(40, () => limiter.consume('user'))) {
      expect(decision).toMatchObject({ allowed: true, code: 'OK', source: 'fallback' })
    }
    expect(await limiter.consume('user', { cost: 2 })).toMatchObject({ code: 'COST_EXCEEDS_LIMIT' })
  })

  it.concurrent("'deny' admits none, and says when the next probe is due, in a second at least", async () => {
    const server = await startServer()
    const limiter = limiterOn(await ready(connect(server.port)), { fallback: 'deny' })
    await server.stop()
    for (const decision of await many(40, () => limiter.consume('user'))) {
      const refusal = { code: 'LIMITER_UNAVAILABLE', retryAfterMs: 1000, source: 'fallback' }
      expect(decision).toMatchObject({ allowed: false, ...refusal })
    }
  })

  it.concurrent('what was reserved is settled where it was charged', { timeout: 20_000 }, async () => {
    const server = await startServer()
    const limiter = limiterOn(await ready(connect(server.port)), { limit: 20, deadline: '2s' })
    await server.stop()
    const [settled, cancelled] = [await limiter.reserve('user', { cost: 8 }), await limiter.reserve('user')]
    expect(settled.decision).toMatchObject({ allowed: true, source: 'local', used: 8 })
    const again = await startServer({ port: server.port })
    await decidesBy(limiter, 'store')

    const admin = await ready(connect(server.port))
    await admin.config('RESETSTAT')
    expect(await settled.settle(3)).toBe(true)
    expect(await cancelled.cancel()).toBe(true)
    expect(await admin.info('commandstats')).not.toContain('evalsha')
    expect(await limiter.peek('user', { cost: 0 })).toMatchObject({ source: 'store', used: 0 })
    await again.stop()
    await decidesBy(limiter, 'local')
    expect(await limiter.peek('user', { cost: 0 })).toMatchObject({ source: 'local', used: 3 })
  })

  it.concurrent('what was reserved is settled by the clock that was given', async () => {
    const server = await startServer()
    const client = await ready(connect(server.port))
    const limiter = limiterOn(client, { clock: () => 1_000_000 })
    await server.stop()
    const held = await limiter.reserve('user', { cost: 8 })
    expect(await held.settle(3)).toBe(true)
    expect(await limiter.peek('user', { cost: 0 })).toMatchObject({ source: 'local', used: 3 })
  })

  it.concurrent('what the store had granted can be settled with nobody', async () => {
    const server = await startServer()
    const limiter = limiterOn(await ready(connect(server.port)), { deadline: '5s' })
    const held = await limiter.reserve('user', { cost: 8 })
    expect(held.decision.source).toBe('store')
    await server.stop()
    expect(await held.settle(3)).toBe(false)
    await expect(limiter.reset('user')).rejects.toMatchObject({ code: 'STORE_FAILED' })
  })

  it.concurrent('each process admits the limit once, at most', async () => {
    const server = await startServer()
    const processes = await Promise.all(
      Array.from({ length: 3 }, async () => limiterOn(await ready(connect(server.port)), { limit: 10 })),
    )
    await server.stop()
    const decisions = await Promise.all(processes.map((limiter) => many(30, () => limiter.consume('user'))))
    for (const own of decisions) expect(own.filter(({ allowed }) => allowed)).toHaveLength(10)
  })
})
