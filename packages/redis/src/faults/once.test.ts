import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { until } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { COMBINATIONS, connect, describeServers, limiterOn } from './clients.js'
import { startProxy, type Trouble } from './proxy.js'

const LOSSES: readonly Trouble[] = ['mute', 'reset']

describeServers('a charge whose answer is lost', () => {
  for (const { by, connect: client, binary } of COMBINATIONS) {
    it.concurrent.each(LOSSES)(`is not sent again, by ${by} (%s)`, { timeout: 20_000 }, async (trouble) => {
      const server = await startServer({ binary })
      const proxy = await startProxy(server.port)
      const own = await ready(client(proxy.port))
      const limiter = limiterOn(own)
      const direct = await ready(connect(server.port))
      const observer = limiterOn(direct, { deadline: '5s' })
      await until(async () => (await limiter.consume('warm')).source === 'store')
      await direct.config('RESETSTAT')

      proxy.trouble = trouble
      const decision = await limiter.consume('lost')
      proxy.trouble = undefined
      expect(decision).toMatchObject({ allowed: true, source: 'local' })
      // Until the client has given that connection up, and another one is there.
      await until(async () => (await limiter.peek('warm')).source === 'store')
      await sleep(200)

      const stats = await direct.info('commandstats')
      const asked = proxy.sent.filter(({ text }) => text.includes('{lost}'))
      expect(asked).toHaveLength(1)
      expect(calls(stats, 'evalsha')).toBeGreaterThan(0)
      expect(calls(stats, 'eval')).toBe(0)
      expect(calls(stats, 'set')).toBe(1)
      expect((await observer.peek('lost', { cost: 0 })).used).toBe(1)
      proxy.close()
    })
  }
})

function calls(stats: string, command: string): number {
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
}
