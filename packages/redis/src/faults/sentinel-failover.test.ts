import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { redisOptions } from '../index.js'
import { ready } from '../testing/ready.js'
import { startSentinels } from '../testing/sentinel.js'
import { startServer } from '../testing/server.js'
import { closing, connect, describeFault, freeze, limiterOn, succeeds } from './clients.js'
import { startTraffic } from './traffic.js'

describeFault('with Sentinels', () => {
  it.concurrent.each([
    ['killed', 'SIGKILL'],
    ['frozen', 'SIGSTOP'],
  ] as const)('a master that is %s gives way to its replica', { timeout: 60_000 }, async (_, signal) => {
    const { master, replica, connection } = await startSentinels()
    const own = await ready(closing(new Redis({ ...connection, ...redisOptions })))
    const traffic = startTraffic(limiterOn(own))
    await traffic.recovery(0)

    await (signal === 'SIGSTOP' ? freeze(master) : master.stop())
    const struck = performance.now()
    const plainAt = await succeeds(() => new Redis(connection))
    const ownAt = await traffic.recovery(plainAt)
    expect(ownAt - plainAt).toBeLessThan(2000)
    // Sentinels take half a second to notice.
    expect(traffic.sources(struck, struck + 400)).toEqual(['local'])

    // The old master comes back, and is nobody to decide.
    if (signal === 'SIGSTOP') master.process.kill('SIGCONT')
    else await startServer({ port: master.port })
    const back = performance.now()
    await sleep(1500)
    await traffic.stop()
    expect(traffic.sources(back + 1000)).toContain('store')
    const heir = limiterOn(await ready(connect(replica.port)), { deadline: '5s' })
    const last = traffic.seen.findLast(({ key, decision }) => key === 'a' && decision.source === 'store')
    expect((await heir.peek('a', { cost: 0 })).used).toBeGreaterThanOrEqual(last?.decision.used as number)
  })
})
