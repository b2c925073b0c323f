import { afterEach, describe, expect, it, vi } from 'vitest'
import { concurrency } from './algorithms/concurrency/concurrency.js'
import { slidingWindow } from './algorithms/sliding-window/sliding-window.js'
import { createLimiter } from './limiter.js'
import { failure, scriptedStore } from './testing/scripted-store.js'

function setUp() {
  const clock = { now: Date.UTC(2024, 4, 1) }
  const policies = {
    slots: concurrency({ limit: 2, lease: '10s' }),
    tokens: slidingWindow({ limit: 100, window: '1h' }),
  }
  const limiter = createLimiter({ policies, clock: () => clock.now })
  const used = async () => {
    const { policies } = await limiter.peek('k', { cost: 0 })
    return [policies.slots.used, policies.tokens.used]
  }
  return { clock, limiter, used }
}

describe('a reservation that holds a slot', () => {
  it('takes it with the charge, all or nothing', async () => {
    const { limiter, used } = setUp()
    for (let i = 0; i < 2; i++) expect(limiter.reserveSync('k').decision.allowed).toBe(true)
    const { decision } = limiter.reserveSync('k')
    expect(decision).toMatchObject({
      allowed: false,
      policy: 'slots',
      code: 'CONCURRENCY_LIMIT_EXCEEDED',
      retryAfterMs: 10_000,
    })
    expect(await used()).toEqual([2, 2])
    await limiter.reset({ slots: 'k' })
    expect(limiter.reserveSync('k', { cost: { tokens: 99 } }).decision.policy).toBe('tokens')
    expect(await used()).toEqual([0, 2])
  })

  it('releases it when it is settled or cancelled, once', async () => {
    const { limiter, used } = setUp()
    const [one, other] = [limiter.reserveSync('k'), limiter.reserveSync('k')]
    expect([await one.settle({ tokens: 5 }), await used()]).toEqual([true, [1, 6]])
    expect([await one.settle(), await one.cancel(), await used()]).toEqual([false, false, [1, 6]])
    expect([await other.cancel(), await used()]).toEqual([true, [0, 5]])
  })

  it('releases its own, and renews its own', async () => {
    const { clock, limiter } = setUp()
    const reset = async () => (await limiter.peek('k', { cost: { slots: 0 } })).policies.slots.resetMs
    const first = limiter.reserveSync('k')
    clock.now += 4000
    const second = limiter.reserveSync('k')
    expect(await reset()).toBe(10_000)
    await second.settle(1)
    expect(await reset()).toBe(6000)
    limiter.reserveSync('k')
    clock.now += 5000
    await first.renew()
    clock.now += 5000
    expect(await reset()).toBe(5000)
    await first.settle()
    expect(await reset()).toBe(0)
  })

  it('is settled, and keeps it, where that is asked for', async () => {
    const { limiter, used } = setUp()
    const held = limiter.reserveSync('k')
    expect([await held.settle({ tokens: 5 }, { release: false }), await used()]).toEqual([true, [1, 5]])
    expect([await held.settle({ tokens: 9 }, { release: false }), await used()]).toEqual([false, [1, 5]])
    expect([await held.renew(), await held.cancel(), await used()]).toEqual([true, true, [0, 5]])
    expect([await held.renew(), await held.cancel()]).toEqual([false, false])
  })

  it('releases it alone, once, and can be settled all the same', async () => {
    const { limiter, used } = setUp()
    const held = limiter.reserveSync('k', { cost: { tokens: 5 } })
    expect([await held.release(), await held.release(), await used()]).toEqual([true, false, [0, 5]])
    expect([await held.renew(), await held.settle({ tokens: 3 }), await used()]).toEqual([
      false,
      true,
      [0, 3],
    ])
    const without = limiter.reserveSync({ slots: null, tokens: 'k' })
    expect([await without.release(), await without.cancel()]).toEqual([false, true])
  })

  it('is told when the slot is lost', async () => {
    const { clock, limiter } = setUp()
    const held = limiter.reserveSync('k')
    clock.now += 9999
    expect(await held.renew()).toBe(true)
    clock.now += 10_000
    expect(await held.renew()).toBe(false)
    expect(await held.settle()).toBe(true)
  })

  it('of a refusal, or without a policy, has nothing to renew', async () => {
    const { limiter } = setUp()
    expect(await limiter.reserveSync('k', { cost: { slots: 3 } }).renew()).toBe(false)
    expect(await limiter.reserveSync({ slots: null, tokens: 'k' }).renew()).toBe(true)
    expect(await limiter.reserveSync({ slots: null, tokens: null }).renew()).toBe(true)
  })

  it('is cancelled at the end of an `await using`, unless it was settled', async () => {
    const { limiter, used } = setUp()
    const held = limiter.reserveSync('k', { cost: { tokens: 5 } })
    await held[Symbol.asyncDispose]()
    expect(await used()).toEqual([0, 0])
    const settled = limiter.reserveSync('k', { cost: { tokens: 5 } })
    await settled.settle({ tokens: 3 })
    await settled[Symbol.asyncDispose]()
    expect(await used()).toEqual([0, 3])
  })
})

describe('while the store is away', () => {
  const policies = { slots: concurrency({ limit: 2, lease: '10s' }) }
  afterEach(() => {
    vi.restoreAllMocks()
  })

  /** Lets our own clock, from now on, be so much later. */
  function pass(ms: number): void {
    const now = performance.now()
    vi.spyOn(performance, 'now').mockImplementation(() => now + ms)
  }

  it('a slot counts as held as long as its lease lasts by our own clock', async () => {
    const store = scriptedStore()
    const limiter = createLimiter({ name: 'held', store, policies, onError() {} })
    const held = await limiter.reserve('k')
    const truth = store.does
    store.does = failure
    pass(9900)
    expect(await held.renew()).toBe(true)
    pass(10_000)
    expect(await held.renew()).toBe(false)
    store.does = truth
    expect(await held.renew()).toBe(true)
    store.does = failure
    pass(9900)
    expect(await held.renew()).toBe(true)
  })

  it('a slot that nobody counted is not lost', async () => {
    const store = scriptedStore()
    store.does = failure
    const limiter = createLimiter({ name: 'held', store, policies, fallback: 'allow', onError() {} })
    const held = await limiter.reserve('k')
    pass(10_000)
    expect([held.decision.source, await held.renew()]).toEqual(['fallback', true])
  })

  it('the local store holds what was taken before, and then', async () => {
    const store = scriptedStore()
    const limiter = createLimiter({ name: 'held', store, policies, onError() {} })
    const first = await limiter.reserve('k')
    const truth = store.does
    store.does = failure
    const second = await limiter.reserve('k')
    expect(second.decision).toMatchObject({ allowed: true, source: 'local', used: 2 })
    expect((await limiter.reserve('k')).decision.allowed).toBe(false)
    expect([await second.renew(), await second.settle()]).toEqual([true, true])
    store.does = truth
    expect(await first.settle()).toBe(true)
    expect((await limiter.peek('k', { cost: 0 })).used).toBe(0)
  })

  it('a slot that the store gave too late belongs to nobody, and is released', async () => {
    const store = scriptedStore()
    const limiter = createLimiter({ name: 'held', store, policies, onError() {} })
    const truth = store.does
    store.does = (ask) => {
      ask()
      return failure()
    }
    const held = await limiter.reserve('k')
    expect(held.decision).toMatchObject({ allowed: true, source: 'local' })
    store.does = truth
    // The next answer brings it; the one after it is by what holds then.
    for (let i = 0; i < 2; i++) await limiter.peek('k', { cost: 0 })
    expect((await limiter.peek('k', { cost: 0 })).used).toBe(0)
    store.does = failure
    expect((await limiter.reserve('k')).decision).toMatchObject({ source: 'local', used: 2 })
    expect([await held.settle(), (await limiter.reserve('k')).decision.used]).toEqual([true, 2])
  })

  it('what is released then is free for the local store too', async () => {
    const store = scriptedStore()
    const limiter = createLimiter({ name: 'held', store, policies, onError() {} })
    const held = [await limiter.reserve('k'), await limiter.reserve('k')]
    store.does = failure
    expect((await limiter.reserve('k')).decision.allowed).toBe(false)
    for (const each of held) expect(await each.settle()).toBe(false)
    expect((await limiter.reserve('k')).decision).toMatchObject({ allowed: true, source: 'local', used: 1 })
  })

  it('a lease counts from when the slot was asked for, not from when the wait for it began', async () => {
    const store = scriptedStore()
    const slots = concurrency({ limit: 1, lease: '10s', queue: 1, maxWait: '1m' })
    const limiter = createLimiter({ name: 'held', store, policies: { slots }, onError() {} })
    const first = await limiter.reserve('k')
    const second = limiter.reserve('k')
    await Promise.resolve()
    pass(15_000)
    await first.settle()
    const held = await second
    store.does = failure
    expect(await held.renew()).toBe(true)
  })
})
