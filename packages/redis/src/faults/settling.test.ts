import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Apply,
  concurrency,
  createLimiter,
  fixedWindow,
  type Op,
  type Policy,
  slidingLog,
  slidingWindow,
} from '@spillway/core'
import { expect, it } from 'vitest'
import { redisStore } from '../index.js'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { type Client, COMBINATIONS, connect, describeServers } from './clients.js'
import { startProxy, type Trouble } from './proxy.js'

const LOSSES: readonly Trouble[] = ['mute', 'reset']

const policies = {
  tokens: slidingWindow({ limit: 100, window: '1h' }),
  slots: concurrency({ limit: 9, lease: '1h' }),
}

const token: Op = { policy: 0, key: 'k', cost: 10, limit: 100, fits: true }
const slot: Op = { policy: 1, key: 'k', cost: 2, limit: 9, fits: true, id: 77 }

/** The store itself, with nothing around it that would decide in its place. */
function storeOn(client: Client): Apply {
  const planned = Object.entries(policies).map(([name, policy]) => ({ ...policy, name }))
  return redisStore({ client }).prepare({ name: 'faults', policies: planned })
}

/** Long enough for what is asked within one. */
const window = '2s'
const windows: Record<string, Policy> = {
  fixedWindow: fixedWindow({ limit: 10, window, start: 'first' }),
  slidingWindow: slidingWindow({ limit: 10, window }),
  slidingLog: slidingLog({ limit: 10, window }),
}

/** Sends it until it is heard. Answers how often that took. */
async function insist(send: () => unknown): Promise<number> {
  for (let times = 1; ; times++) {
    try {
      await send()
      return times
    } catch {
      if (times > 1000) throw new Error('It was not heard again.')
      await sleep(10)
    }
  }
}

describeServers('what is sent again because its answer was lost', () => {
  for (const { by, connect: client, binary } of COMBINATIONS) {
    it.concurrent.each(LOSSES)(`is done once, by ${by} (%s)`, { timeout: 20_000 }, async (trouble) => {
      const server = await startServer({ binary })
      const proxy = await startProxy(server.port)
      const apply = storeOn(await ready(client(proxy.port)))
      const observer = storeOn(await ready(connect(server.port)))
      const used = async () => {
        const { results } = await observer(
          [
            { ...token, cost: 0 },
            { ...slot, cost: 0 },
          ],
          'peek',
        )
        return results.map(({ reply }) => reply[0])
      }
      const charge = await apply([token, slot], 'consume')
      const mark = policies.tokens.algorithm.mark(charge.results[0]?.reply ?? [])
      const changes: [ops: Op[], mode: 'adjust' | 'release', left: number[]][] = [
        [[{ ...token, cost: 7, mark, id: 1 }], 'adjust', [17, 2]],
        [[{ ...token, cost: -4, mark, id: 2 }], 'adjust', [13, 2]],
        [[slot], 'release', [13, 0]],
      ]
      for (const [ops, mode, left] of changes) {
        proxy.trouble = trouble
        await expect(apply(ops, mode)).rejects.toThrow()
        // It was done, and nobody knows.
        expect(await used()).toEqual(left)
        proxy.trouble = undefined
        await insist(() => apply(ops, mode))
        await apply(ops, mode)
        expect(await used()).toEqual(left)
      }
      proxy.close()
    })
  }

  it('was not done where the call did not arrive, and is then done once', { timeout: 20_000 }, async () => {
    const server = await startServer()
    const proxy = await startProxy(server.port)
    const apply = storeOn(await ready(connect(proxy.port)))
    await apply([token], 'consume')
    const change = [{ ...token, cost: 7, mark: 0, id: 3 }]
    proxy.trouble = 'blackhole'
    await expect(apply(change, 'adjust')).rejects.toThrow()
    proxy.trouble = undefined
    await insist(() => apply(change, 'adjust'))
    expect((await apply([{ ...token, cost: 0 }], 'peek')).results[0]?.reply[0]).toBe(17)
    proxy.close()
  })
})

describeServers('a reservation', () => {
  const limiterOn = async (policy: Policy) => {
    const client = await ready(connect((await startServer()).port))
    const policies = { policy }
    const limiter = createLimiter({
      name: 'late',
      policies,
      store: redisStore({ client }),
      deadline: '5s',
      denyCache: 0,
    })
    const used = async () => (await limiter.peek('k', { cost: 0 })).used
    return { ...limiter, used }
  }

  it.concurrent.each(Object.entries(windows))(
    "that is settled after its window's edge gives nothing back to the next one: %s",
    async (_name, policy) => {
      const { reserve, used } = await limiterOn(policy)
      const late = await reserve('k', { cost: 10 })
      const { retryAfterMs } = (await reserve('k')).decision
      await sleep(retryAfterMs as number)
      let next = await reserve('k', { cost: 9 })
      // A timer may be a moment early.
      while (!next.decision.allowed) next = await reserve('k', { cost: 9 })
      expect([await late.cancel(), await used()]).toEqual([true, 9])
      expect([await next.settle(4), await used()]).toEqual([true, 4])
    },
  )

  it('that is settled after a reset, or twice, gives back no more than there is', async () => {
    const { reserve, consume, reset, used } = await limiterOn(slidingWindow({ limit: 10, window: '1h' }))
    const held = await reserve('k', { cost: 8 })
    await reset('k')
    expect([await held.cancel(), await used()]).toEqual([true, 0])
    const next = await reserve('k', { cost: 8 })
    await consume('k', { cost: 2 })
    const told = await Promise.all([next.settle(3), next.settle(0), next.cancel()])
    expect([told, await used()]).toEqual([[true, false, false], 5])
    await reset('k')
    const debt = await reserve('k')
    await reset('k')
    expect([await debt.settle(15), await used()]).toEqual([true, 14])
  })
})
