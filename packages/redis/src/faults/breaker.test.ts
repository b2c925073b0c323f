import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { until } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { connect, describeFault, limiterOn } from './clients.js'
import { startProxy, type TestProxy } from './proxy.js'
import { startTraffic } from './traffic.js'

const KEYS = Array.from({ length: 20 }, (_, i) => `user ${i}`)

/** The decisions that each script call asked for, and when it was sent. */
function calls(proxy: TestProxy, since: number): { at: number; decisions: number }[] {
  return proxy.sent
    .filter(({ at, text }) => at >= since && text.toLowerCase().includes('evalsha'))
    .map(({ at, text }) => ({ at, decisions: text.split('"mode"').length - 1 }))
}

describeFault('a server that answers too late', () => {
  it.concurrent('is left alone but for a probe, and all is as before when it is back', {
    timeout: 20_000,
  }, async () => {
    const server = await startServer()
    const proxy = await startProxy(server.port)
    let told = false
    const onError = () => {
      told = true
    }
    const limiter = limiterOn(await ready(connect(proxy.port)), { onError })
    const traffic = startTraffic(limiter, { keys: KEYS })
    await traffic.recovery(0)

    proxy.trouble = { delayMs: 500 }
    await until(async () => told)
    // What was sent before that has arrived by then, and no probe is due yet.
    await sleep(100)
    const opened = performance.now()
    await until(async () => calls(proxy, opened).length >= 3)
    await sleep(100)
    const probes = calls(proxy, opened)
    const healed = performance.now()
    proxy.trouble = undefined
    await traffic.recovery(healed)
    await sleep(200)
    const seen = await traffic.stop()
    const after = calls(proxy, healed)
    proxy.close()

    const during = seen.filter(({ at }) => at >= opened && at < healed)
    expect(during.length).toBeGreaterThan(20 * probes.length)
    // Only those that were probes have waited.
    expect(during.filter(({ tookMs }) => tookMs >= 50).length).toBeLessThanOrEqual(probes.length)
    expect(probes.length).toBeGreaterThanOrEqual(3)
    for (const [i, { at, decisions }] of probes.entries()) {
      expect(decisions).toBe(1)
      expect(at - (probes[i - 1]?.at ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(399)
    }
    // Nothing has piled up meanwhile: one probe, and then what each turn asks.
    expect(after[0]?.decisions).toBe(1)
    expect(Math.max(...after.map(({ decisions }) => decisions))).toBeLessThanOrEqual(3 * KEYS.length)
  })

  it.concurrent('gets one probe at a time, also while what was asked before fails', {
    timeout: 20_000,
  }, async () => {
    const server = await startServer()
    const proxy = await startProxy(server.port)
    const client = await ready(connect(proxy.port, { socketTimeout: 60_000 }))
    let opened = Number.POSITIVE_INFINITY
    const onError = () => {
      opened = performance.now()
    }
    const limiter = limiterOn(client, { deadline: '1s', onError })
    const traffic = startTraffic(limiter, { keys: ['a'], deadlineMs: 1000, everyMs: 20 })
    await traffic.recovery(0)
    proxy.trouble = 'mute'
    await until(async () => calls(proxy, opened + 100).length >= 3)
    const probes = calls(proxy, opened + 100)
    proxy.trouble = undefined
    await traffic.stop()
    proxy.close()

    for (const [i, { at }] of probes.entries()) {
      if (i > 0) expect(at - (probes[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(1000)
    }
  })
})
