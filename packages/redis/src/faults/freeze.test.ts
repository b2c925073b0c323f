import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { CLIENTS, describeFault, limiterOn, succeeds } from './clients.js'
import { startTraffic } from './traffic.js'

const FROZEN_MS = 5000

describeFault('a server that is frozen for 5 s', () => {
  it.concurrent.each(CLIENTS)('is stood in for, by %s', { timeout: 20_000 }, async (_, client) => {
    const server = await startServer()
    const [own, plain] = [await ready(client(server.port)), await ready(client(server.port))]
    const traffic = startTraffic(limiterOn(own))
    await traffic.recovery(0)

    server.process.kill('SIGSTOP')
    const frozen = performance.now()
    await sleep(FROZEN_MS)
    const thawed = performance.now()
    server.process.kill('SIGCONT')
    const plainAt = await succeeds(plain)
    const ownAt = await traffic.recovery(thawed)
    await traffic.stop()

    expect(traffic.sources(frozen + 10, thawed - 300)).toEqual(['local'])
    expect(ownAt - plainAt).toBeLessThan(2000)
  })
})
