import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Decision, Limiter } from '@spillway/core'
import { beforeAll, expect, it } from 'vitest'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { connect, describeFault, limiterOn } from './clients.js'

function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describeFault('an event loop of our own that stands still, with a healthy server', () => {
  let limiter: Limiter
  beforeAll(async () => {
    const server = await startServer()
    limiter = limiterOn(await ready(connect(server.port)), { fallback: 'allow' })
    await limiter.consume('first')
  })

  async function expectStore(asked: Promise<Decision>[]): Promise<void> {
    const sources = (await Promise.all(asked)).map(({ source }) => source)
    expect(new Set(sources)).toEqual(new Set(['store']))
  }

  const ask = (n = 10) => Array.from({ length: n }, (_, i) => limiter.consume(`key ${i}`))

  it('in the turn that asks', async () => {
    for (const ms of [300, 48, 50, 52, 54, 56, 60, 80]) {
      const asked = ask()
      block(ms)
      await expectStore(asked)
    }
  })

  it('in the turn that asks, before it asks', async () => {
    for (const ms of [300, 48, 50, 100]) {
      await sleep(1)
      block(ms)
      await expectStore(ask())
    }
  })

  it('while the answers are on their way', async () => {
    for (const ms of [300, 48, 50, 52, 54, 60]) {
      const asked = ask()
      await turn()
      block(ms)
      await expectStore(asked)
    }
  })

  it('in the turn that asks, in the next, and in the one after', async () => {
    // From here a timer of ours may fire in between.
    await sleep(1)
    const asked = ask()
    block(300)
    for (let turns = 0; turns < 3; turns++) {
      await turn()
      block(300)
    }
    await expectStore(asked)
  })

  it('in timers that come again and again', async () => {
    const asked: Promise<Decision>[] = []
    const timer = setInterval(() => {
      asked.push(...ask())
      block(300)
    }, 5)
    while (asked.length < 60) await sleep(1)
    clearInterval(timer)
    await expectStore(asked)
  })

  it('turn after turn, with more that is asked in each', async () => {
    const asked: Promise<Decision>[] = []
    for (let round = 0; round < 5; round++) {
      asked.push(...ask())
      await turn()
      asked.push(...ask())
      block(300)
      await turn()
    }
    await expectStore(asked)
  })

  // ioredis' own timer then takes the connection for a dead one before it reads what has come (`socketTimeout`).
  it('for longer than a second: the fallback decides until there is a new connection', async () => {
    const client = await ready(connect((await startServer()).port))
    const { consume } = limiterOn(client, { fallback: 'allow' })
    await consume('first')
    let closed = 0
    client.on('close', () => closed++)
    const asked = Array.from({ length: 10 }, (_, i) => consume(`key ${i}`))
    await turn()
    block(1500)
    const began = performance.now()
    const sources = (await Promise.all(asked)).map(({ source }) => source)
    expect(sources.filter((source) => source !== 'store' && source !== 'fallback')).toEqual([])
    expect(performance.now() - began).toBeLessThan(75)
    while ((await consume('again')).source !== 'store') await sleep(1)
    expect(performance.now() - began).toBeLessThan(2000)
    expect(closed).toBe(1)
  })
})
