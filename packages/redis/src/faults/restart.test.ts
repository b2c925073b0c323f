import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { field } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { freePort, startServer } from '../testing/server.js'
import { CLIENTS, connect, describeFault, limiterOn, succeeds } from './clients.js'
import { startTraffic } from './traffic.js'

const DOWN_MS = 1500

describeFault('a server', () => {
  it.concurrent.each(CLIENTS)(
    'that is killed and comes back, under %s',
    { timeout: 20_000 },
    async (_, client) => {
      const server = await startServer()
      const [own, plain] = [await ready(client(server.port)), await ready(client(server.port))]
      const traffic = startTraffic(limiterOn(own))
      await traffic.recovery(0)

      const killed = performance.now()
      await server.stop()
      await sleep(DOWN_MS)
      expect(traffic.sources(killed + 10)).toEqual(['local'])
      const [plainAt, ownAt] = await Promise.all([
        succeeds(plain),
        traffic.recovery(performance.now()),
        startServer({ port: server.port }),
      ])
      await traffic.stop()
      expect(ownAt - plainAt).toBeLessThan(2000)
    },
  )

  it.concurrent('that is not there yet when the app boots', { timeout: 20_000 }, async () => {
    const port = await freePort()
    const [own, plain] = [connect(port), connect(port)]
    const traffic = startTraffic(limiterOn(own))
    await sleep(DOWN_MS)
    expect(traffic.sources(0)).toEqual(['local'])
    const [plainAt, ownAt] = await Promise.all([
      succeeds(plain),
      traffic.recovery(performance.now()),
      startServer({ port }),
    ])
    await traffic.stop()
    expect(ownAt - plainAt).toBeLessThan(2000)
  })

  it.concurrent('whose scripts are flushed loses no decision', { timeout: 20_000 }, async () => {
    const server = await startServer()
    const [own, plain] = [await ready(connect(server.port)), await ready(connect(server.port))]
    // How soon it answers is not the matter here.
    const traffic = startTraffic(limiterOn(own, { deadline: '2s' }), { everyMs: 2, deadlineMs: 2000 })
    for (let flushes = 0; flushes < 50; flushes++) {
      await plain.script('FLUSH')
      await sleep(10)
    }
    const seen = await traffic.stop()
    expect(traffic.sources(0)).toEqual(['store'])
    const charged = seen.filter(({ key }) => key === 'a').map(({ decision }) => decision.used)
    expect(charged.sort((a, b) => a - b)).toEqual(charged.map((_, i) => i + 1))
    expect(await plain.info('commandstats')).toMatch(/cmdstat_eval:calls=[2-9]/)
  })

  it.concurrent('that has its data to load yet', { timeout: 20_000 }, async () => {
    const first = await startServer()
    const filling = await ready(connect(first.port))
    await filling.eval('for i = 1, 3000 do redis.call("SET", "filler:" .. i, i) end', 0)
    await filling.save()
    const loading = await startServer({
      folder: first.folder,
      config: { 'key-load-delay': '500', 'loading-process-events-interval-bytes': '1024' },
    })
    const [own, plain] = [connect(loading.port), connect(loading.port)]
    const observer = await ready(connect(loading.port, { enableReadyCheck: false }))
    const traffic = startTraffic(limiterOn(own))
    await sleep(700)
    expect(field(await observer.info('persistence'), 'loading')).toBe('1')
    expect(traffic.sources(0)).toEqual(['local'])
    const [plainAt, ownAt] = await Promise.all([succeeds(plain), traffic.recovery(0)])
    await traffic.stop()
    expect(ownAt - plainAt).toBeLessThan(2000)
  })
})
