import { describe, expect, it } from 'vitest'
import { concurrency } from './algorithms/concurrency/concurrency.js'
import { fixedWindow } from './algorithms/fixed-window/fixed-window.js'
import { leakyBucket } from './algorithms/leaky-bucket/leaky-bucket.js'
import { quota } from './algorithms/quota/quota.js'
import { slidingCounter } from './algorithms/sliding-counter/sliding-counter.js'
import { slidingLog } from './algorithms/sliding-log/sliding-log.js'
import { slidingWindow } from './algorithms/sliding-window/sliding-window.js'
import { spikeArrest } from './algorithms/spike-arrest/spike-arrest.js'
import { tokenBucket } from './algorithms/token-bucket/token-bucket.js'
import { createLimiter } from './limiter.js'
import type { Policy } from './policy.js'
import type { Mode, Store } from './store.js'
import { scriptedStore } from './testing/scripted-store.js'
import { watch } from './testing/watch.js'

const HOUR = 3_600_000

/** Ten units an hour; each charge counts for an hour from 00:00. */
const refundable: Record<string, Policy> = {
  tokenBucket: tokenBucket({ limit: 10, window: '1h' }),
  slidingWindow: slidingWindow({ limit: 10, window: '1h' }),
  slidingLog: slidingLog({ limit: 10, window: '1h' }),
  slidingCounter: slidingCounter({ limit: 10, window: '1h' }),
  'fixedWindow of the epoch': fixedWindow({ limit: 10, window: '1h' }),
  'fixedWindow of the first': fixedWindow({ limit: 10, window: '1h', start: 'first' }),
  quota: quota({ limit: 10, period: 'hour' }),
}

function setUp(policy: Policy) {
  const clock = { now: Date.UTC(2024, 4, 1) }
  const limiter = createLimiter({ policies: { policy }, clock: () => clock.now })
  const used = async () => (await limiter.peek('k', { cost: 0 })).used
  return { clock, limiter, used }
}

describe.each(Object.entries(refundable))('a reservation under %s', (_name, policy) => {
  it('gives back what was not needed', async () => {
    const { limiter, used } = setUp(policy)
    const held = await limiter.reserve('k', { cost: 8 })
    expect(await held.settle(5)).toBe(true)
    expect(await used()).toBe(5)
    expect(limiter.consumeSync('k', { cost: 5 }).allowed).toBe(true)
  })

  it('is settled once', async () => {
    const { limiter, used } = setUp(policy)
    limiter.consumeSync('k', { cost: 2 })
    const held = await limiter.reserve('k', { cost: 3 })
    expect(await held.cancel()).toBe(true)
    expect([await held.cancel(), await held.settle(0), await held.settle(9)]).toEqual([false, false, false])
    expect(await used()).toBe(2)
  })

  it('gives back nothing once its charge counts no more', async () => {
    const { clock, limiter, used } = setUp(policy)
    const held = await limiter.reserve('k', { cost: 8 })
    clock.now += HOUR - 1
    limiter.consumeSync('k', { cost: 1 })
    clock.now += 1
    limiter.consumeSync('k', { cost: 1 })
    const before = await used()
    expect(await held.cancel()).toBe(true)
    expect(await used()).toBe(before)
  })

  it('never goes below zero', async () => {
    const watched = watch(policy)
    const { limiter, used } = setUp(watched.policy)
    const held = await limiter.reserve('k', { cost: 8 })
    await limiter.reset('k')
    limiter.consumeSync('k', { cost: 3 })
    expect(await held.cancel()).toBe(true)
    expect(await used()).toBe(0)
    expect(Math.min(...watched.before())).toBeGreaterThanOrEqual(0)
    expect(limiter.consumeSync('k', { cost: 10 }).allowed).toBe(true)
    expect(limiter.consumeSync('k').allowed).toBe(false)
  })

  it('charges more than the limit, as a debt', async () => {
    const { clock, limiter, used } = setUp(policy)
    const held = await limiter.reserve('k', { cost: 8 })
    expect(await held.settle(15)).toBe(true)
    expect(await used()).toBe(15)
    const refused = limiter.consumeSync('k', { cost: 0 })
    expect(refused).toMatchObject({ allowed: false, used: 15, remaining: 0 })
    clock.now += refused.retryAfterMs as number
    expect(limiter.consumeSync('k', { cost: 0 }).allowed).toBe(true)
  })
})

describe('a reservation', () => {
  it('of a spike arrest gives its turn back before the spacing has passed', async () => {
    const { clock, limiter } = setUp(spikeArrest('1ps'))
    const held = await limiter.reserve('k')
    clock.now += 999
    await held.cancel()
    expect(limiter.consumeSync('k').allowed).toBe(true)
  })

  it('of a leaky bucket gives nothing back: later starts were promised around it', async () => {
    const { limiter, used } = setUp(leakyBucket({ limit: 10, window: '1h', queue: 9 }))
    const held = await limiter.reserve('k', { cost: 8 })
    expect(await held.settle(3)).toBe(true)
    expect(await used()).toBe(8)
  })

  it('that was refused is a value, and settles nothing', async () => {
    const { limiter, used } = setUp(tokenBucket({ limit: 10, window: '1h' }))
    limiter.consumeSync('k', { cost: 5 })
    const held = await limiter.reserve('k', { cost: 6 })
    expect(held.decision).toMatchObject({ allowed: false, used: 5 })
    expect([await held.settle(0), await held.cancel()]).toEqual([false, false])
    expect(await used()).toBe(5)
  })

  it('settles each policy by its own units; those not named keep their estimate', async () => {
    const window = '1h'
    const limiter = createLimiter({
      policies: {
        requests: slidingWindow({ limit: 10, window }),
        tokens: slidingWindow({ limit: 100, window }),
        tried: slidingWindow({ limit: 1, window, shadow: true }),
      },
    })
    const held = await limiter.reserve('k', { cost: { tokens: 80, tried: 2 } })
    expect(held.decision.policies.tried).toMatchObject({ allowed: false, used: 0 })
    await held.settle({ tokens: 33, tried: 0 })
    const { requests, tokens, tried } = (await limiter.peek('k', { cost: 0 })).policies
    expect([requests.used, tokens.used, tried.used]).toEqual([1, 33, 0])
  })

  it('gives nothing back to a shadow policy that did not charge it', async () => {
    const window = '1h'
    const policies = {
      real: slidingWindow({ limit: 10, window }),
      tried: slidingWindow({ limit: 1, window, shadow: true }),
    }
    const limiter = createLimiter({ policies, clock: () => 0 })
    limiter.consumeSync('k')
    await (await limiter.reserve('k')).cancel()
    const { real, tried } = (await limiter.peek('k', { cost: 0 })).policies
    expect([real.used, tried.used]).toEqual([1, 1])
  })

  it('stays open when it is settled by a cost that is none', async () => {
    const { limiter, used } = setUp(tokenBucket({ limit: 10, window: '1h' }))
    const held = await limiter.reserve('k', { cost: 8 })
    await expect(held.settle(1.5)).rejects.toMatchObject({ code: 'COST_INVALID' })
    await expect(held.settle({ polcy: 1 } as never)).rejects.toMatchObject({ code: 'OPTION_UNKNOWN' })
    expect(await held.settle(2)).toBe(true)
    expect(await used()).toBe(2)
  })

  it('tells each adjustment, and each slot, by an id of its own, from 1 to 2^52', async () => {
    const store = scriptedStore()
    const policies = {
      a: slidingWindow({ limit: 10, window: '1h' }),
      b: tokenBucket({ limit: 9, window: '1h' }),
      slots: concurrency({ limit: 1, lease: '1h' }),
    }
    const limiter = createLimiter({ name: 'ids', policies, store })
    for (let i = 0; i < 20; i++) await (await limiter.reserve('k')).cancel()
    const idsOf = (asked: Mode) =>
      store.calls.filter(({ mode }) => mode === asked).map(({ ops }) => ops.map(({ id }) => id))
    const [taken, adjusted, released] = [idsOf('consume'), idsOf('adjust'), idsOf('release')]
    expect(released).toEqual(taken.map(([, , slot]) => [slot]))
    expect(taken).toEqual(taken.map(([, , slot]) => [undefined, undefined, slot]))
    expect(adjusted).toEqual(adjusted.map(([id]) => [id, id]))
    const ids = [...released, ...adjusted.map(([id]) => [id])].flat() as number[]
    expect(new Set(ids).size).toBe(40)
    expect(ids.every((id) => Number.isSafeInteger(id) && id > 0 && id <= 2 ** 52)).toBe(true)
  })

  it('answers false when the store does not hear it, and never rejects', async () => {
    const store: Store = {
      sync: false,
      prepare: () => async (_ops, mode) => {
        if (mode === 'adjust') throw new Error('gone')
        return { now: 0, passed: true, results: [{ passed: true, reply: [1, 0, 1] }] }
      },
    }
    const policies = { policy: slidingWindow({ limit: 10, window: '1h' }) }
    const held = await createLimiter({ name: 'api', policies, store }).reserve('k', { cost: 8 })
    expect(await held.settle(2)).toBe(false)
  })
})
