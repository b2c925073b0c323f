import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { COMBINATIONS, describeFault, limiterOn, succeeds } from './clients.js'
import { startProxy, type Trouble } from './proxy.js'
import { startTraffic } from './traffic.js'

const TROUBLE_MS = 2000
const [ANY] = COMBINATIONS as [(typeof COMBINATIONS)[number]]

/** Has traffic through a proxy with this trouble for a while; answers which sources decided meanwhile. */
async function during(trouble: Trouble, { connect, binary } = ANY): Promise<string[]> {
  const server = await startServer({ binary })
  const proxy = await startProxy(server.port)
  const traffic = startTraffic(limiterOn(await ready(connect(proxy.port))))
  await traffic.recovery(0)

  const began = performance.now()
  proxy.trouble = trouble
  await sleep(TROUBLE_MS)
  proxy.trouble = undefined
  const ended = performance.now()
  const plainAt = await succeeds(() => new Redis(proxy.port))
  const ownAt = await traffic.recovery(ended)
  await traffic.stop()
  proxy.close()

  expect(ownAt - plainAt).toBeLessThan(2000)
  // What is asked last may be answered when all is well again.
  return traffic.sources(began, ended - 300)
}

describeFault('a network', () => {
  it.concurrent.each(COMBINATIONS)(
    'that swallows all and says nothing, under $by',
    { timeout: 20_000 },
    async (own) => {
      expect(await during('blackhole', own)).toEqual(['local'])
    },
  )

  it.concurrent('that takes longer than the deadline', { timeout: 20_000 }, async () => {
    expect(await during({ delayMs: 500 })).toEqual(['local'])
  })

  it.concurrent('that breaks off in the midst of an answer', { timeout: 20_000 }, async () => {
    expect(await during('reset')).toEqual(['local'])
  })
})
