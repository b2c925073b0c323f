import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { type Decision, fixedWindow, slidingWindow, spikeArrest, tokenBucket } from '@spillway/core'
import { createRateLimit } from '@spillway/express'
import express from 'express'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { redisOptions, redisStore } from './index.js'
import { ready } from './testing/ready.js'
import { type RedisServer, startServer } from './testing/server.js'
import { describeRedis } from './testing/suite.js'

const POLICIES = {
  'sliding-window': slidingWindow({ limit: 2, window: '900ms' }),
  'token-bucket': tokenBucket({ limit: 3, window: '2s' }),
  'fixed-window': fixedWindow({ limit: 2, window: '1s', start: 'first' }),
  'spike-arrest': spikeArrest('1ps'),
  'two-seconds': slidingWindow({ limit: 1, window: '1100ms' }),
}
const TRIALS = 50

describeRedis('a client of an Express server', () => {
  let redis: RedisServer
  let client: Redis
  let server: ReturnType<ReturnType<typeof express>['listen']>
  let url: string

  beforeAll(async () => {
    redis = await startServer()
    client = await ready(new Redis(redis.port, redisOptions))
    const app = express()
    const limits = createRateLimit({
      store: redisStore({ client }),
      key: (req) => String(req.query['key']),
      body: (decision) => decision,
      deadline: '5s',
      fallback: 'deny',
    })
    for (const [name, policy] of Object.entries(POLICIES)) {
      app.get(`/${name}`, limits({ name, policy }), (req, res) => void res.json(req.rateLimit))
    }
    server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    client.disconnect()
    await redis.stop()
  })

  async function get(path: string) {
    const answer = await fetch(`${url}/${path}`)
    const decision = (await answer.json()) as Decision
    return { status: answer.status, retryAfter: answer.headers.get('Retry-After'), decision }
  }

  const paths = (trial: string) => {
    const names = Object.keys(POLICIES)
    return Array.from({ length: TRIALS }, (_, i) => `${names[i % names.length]}?key=${trial}-${i}`)
  }

  async function refusal(path: string) {
    for (;;) {
      const answer = await get(path)
      if (answer.status === 429) return answer
    }
  }

  it(`that waits as long as Retry-After says is admitted, in ${TRIALS} of ${TRIALS} trials`, async () => {
    const statuses = paths('waits').map(async (path) => {
      const { retryAfter } = await refusal(path)
      expect(retryAfter).toMatch(/^[12]$/)
      await sleepFor(Number(retryAfter) * 1000)
      return (await get(path)).status
    })
    expect(await Promise.all(statuses)).toEqual(Array(TRIALS).fill(200))
  }, 30_000)

  it("is refused before the stated millisecond, by Redis' clock, and admitted from then on", async () => {
    const trials = paths('early').map(async (path, i) => {
      const { decision } = await refusal(path)
      const stated = decision.now + (decision.retryAfterMs as number)
      let early = 0
      for (;;) {
        const [seconds, micros] = await client.time()
        const sent = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
        const { status, decision } = await get(path)
        // The deny cache only guesses Redis' clock, and is never ahead of it.
        if (decision.source === 'store') expect(decision.now).toBeGreaterThanOrEqual(sent)
        expect(status === 200).toBe(decision.now >= stated)
        if (status === 200) return early
        early++
        const left = stated - decision.now
        await sleepFor(left > 40 ? left - 20 : i % 3)
      }
    })
    const early = await Promise.all(trials)
    // Some came just in time.
    expect(early.filter((refusals) => refusals > 0).length).toBeGreaterThan(TRIALS / 2)
  }, 30_000)
})

/** Not a fraction of a millisecond less, which a timer alone may be. */
async function sleepFor(ms: number): Promise<void> {
  const end = performance.now() + ms
  while (performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, end - performance.now()))
  }
}
