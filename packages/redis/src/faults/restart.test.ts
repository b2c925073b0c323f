import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { field, until } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { freePort, startServer } from '../testing/server.js'
import { COMBINATIONS, connect, describeFault, limiterOn, succeeds } from './clients.js'
import { startTraffic } from './traffic.js'

const DOWN_MS = 1500

describeFault('a server', () => {
  it.concurrent.each(COMBINATIONS)(
    'that is killed and comes back, under $by',
    { timeout: 20_000 },
    async ({ connect, binary }) => {
      const server = await startServer({ binary })
      const traffic = startTraffic(limiterOn(await ready(connect(server.port))))
      await traffic.recovery(0)

      await server.stop()
      const gone = performance.now()
      await sleep(DOWN_MS)
      expect(traffic.sources(gone)).toEqual(['local'])
      const [plainAt, ownAt] = await Promise.all([
        succeeds(() => new Redis(server.port)),
        traffic.recovery(performance.now()),
        startServer({ port: server.port, binary }),
      ])
      await traffic.stop()
      expect(ownAt - plainAt).toBeLessThan(2000)
    },
  )

  it.concurrent('that is not there yet when the app boots', { timeout: 20_000 }, async () => {
    const port = await freePort()
    const traffic = startTraffic(limiterOn(connect(port)))
    await sleep(DOWN_MS)
    expect(traffic.sources(0)).toEqual(['local'])
    const [plainAt, ownAt] = await Promise.all([
      succeeds(() => new Redis(port)),
      traffic.recovery(performance.now()),
      startServer({ port }),
    ])
    await traffic.stop()
    expect(ownAt - plainAt).toBeLessThan(2000)
  })

  it.concurrent('whose scripts are flushed loses no decision', { timeout: 20_000 }, async () => {
    const server = await startServer()
    const [own, plain] = [await ready(connect(server.port)), await ready(connect(server.port))]
    const inTime = startTraffic(limiterOn(own))
    // Of each of these it is known that Redis counted it, however busy this machine is.
    const counted = limiterOn(own, { name: 'counted', deadline: '2s' })
    const traffic = startTraffic(counted, { everyMs: 2, deadlineMs: 2000 })
    for (let flushes = 0; flushes < 50; flushes++) {
      await plain.script('FLUSH')
      await sleep(10)
    }
    const flushed = performance.now()
    expect((await inTime.recovery(flushed)) - flushed).toBeLessThan(2000)
    await inTime.stop()
    const seen = await traffic.stop()
    expect(traffic.sources(0)).toEqual(['store'])
    const charged = seen.filter(({ key }) => key === 'a').map(({ decision }) => decision.used)
    expect(charged.sort((a, b) => a - b)).toEqual(charged.map((_, i) => i + 1))
    expect(await plain.info('commandstats')).toMatch(/cmdstat_eval:calls=([2-9]|\d\d)/)
  })

  it.concurrent('that has its data to load yet', { timeout: 20_000 }, async () => {
    const first = await startServer()
    const filling = await ready(connect(first.port))
    await filling.eval('for i = 1, 3000 do redis.call("SET", "filler:" .. i, i) end', 0)
    await filling.save()
    const loading = await startServer({
      folder: first.folder,
      config: { 'key-load-delay': '2000', 'loading-process-events-interval-bytes': '1024' },
    })
    const observer = await ready(connect(loading.port, { enableReadyCheck: false, socketTimeout: 60_000 }))
    const traffic = startTraffic(limiterOn(connect(loading.port)))
    await until(async () => traffic.seen.length > 100)
    expect(traffic.sources(0)).toEqual(['local'])
    expect(field(await observer.info('persistence'), 'loading')).toBe('1')
    await observer.config('SET', 'key-load-delay', '0')
    const [plainAt, ownAt] = await Promise.all([succeeds(() => new Redis(loading.port)), traffic.recovery(0)])
    await traffic.stop()
    expect(ownAt - plainAt).toBeLessThan(2000)
  })
})
