import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { COMBINATIONS, describeFault, freeze, limiterOn, succeeds } from './clients.js'
import { startTraffic } from './traffic.js'

const FROZEN_MS = 5000

describeFault('a server that is frozen for 5 s', () => {
  it.concurrent.each(COMBINATIONS)('is stood in for, by $by', { timeout: 20_000 }, async (own) => {
    const server = await startServer({ binary: own.binary })
    const traffic = startTraffic(limiterOn(await ready(own.connect(server.port))))
    await traffic.recovery(0)

    await freeze(server)
    const frozen = performance.now()
    await sleep(FROZEN_MS)
    const thawed = performance.now()
    server.process.kill('SIGCONT')
    const plainAt = await succeeds(() => new Redis(server.port))
    const ownAt = await traffic.recovery(thawed)
    await traffic.stop()

    expect(traffic.sources(frozen, thawed - 300)).toEqual(['local'])
    expect(ownAt - plainAt).toBeLessThan(2000)
  })
})
