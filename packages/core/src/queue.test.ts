import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { concurrency } from './algorithms/concurrency/concurrency.js'
import { slidingWindow } from './algorithms/sliding-window/sliding-window.js'
import { createLimiter } from './limiter.js'
import type { Reservation } from './reservation.js'
import { memoryStore } from './stores/memory.js'
import { scriptedStore } from './testing/scripted-store.js'

const MAX_WAIT_MS = 5000

function setUp({ limit = 1, queue = 2, store = memoryStore() } = {}) {
  const clock = { now: Date.UTC(2024, 4, 1) }
  const limiter = createLimiter({
    name: 'queued',
    store,
    clock: () => clock.now,
    policies: {
      slots: concurrency({ limit, lease: '30s', queue, maxWait: `${MAX_WAIT_MS}ms` }),
      pace: slidingWindow({ limit: 3, window: '1h' }),
    },
  })
  const order: string[] = []
  /** Reserves, and notes who was admitted. */
  const reserve = async (who: string, options: { signal?: AbortSignal; wait?: boolean } = {}) => {
    const held = await limiter.reserve('k', { ...options, cost: { pace: 0 } })
    order.push(held.decision.allowed ? who : `not ${who}`)
    return held as Reservation
  }
  return { clock, limiter, order, reserve, store }
}

/** Until all that can happen now has happened. */
const settled = () => vi.advanceTimersByTimeAsync(0)

describe('a queue for slots', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('admits in the order of arrival, each when a slot is released, at once', async () => {
    const { order, reserve } = setUp()
    const first = await reserve('a')
    const [second, third] = [reserve('b'), reserve('c')]
    await settled()
    expect(order).toEqual(['a'])
    await first.settle()
    const b = await second
    expect(order).toEqual(['a', 'b'])
    await b.cancel()
    await third
    expect(order).toEqual(['a', 'b', 'c'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is passed by who does not want to wait', async () => {
    const { order, reserve } = setUp()
    await reserve('a')
    await reserve('b', { wait: false })
    expect(order).toEqual(['a', 'not b'])
  })

  it('is bounded: who finds it full is refused at once, and told when a lease ends', async () => {
    const { order, reserve } = setUp({ queue: 1 })
    await reserve('a')
    void reserve('b')
    await settled()
    const { decision } = await reserve('c')
    expect(decision).toMatchObject({ code: 'CONCURRENCY_LIMIT_EXCEEDED', retryAfterMs: 30_000 })
    expect(order).toEqual(['a', 'not c'])
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS)
    expect(order).toEqual(['a', 'not c', 'not b'])
  })

  it('refuses who has waited for too long, and no sooner', async () => {
    const { order, reserve } = setUp()
    await reserve('a')
    void reserve('b')
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS - 1)
    void reserve('c')
    await settled()
    expect(order).toEqual(['a'])
    await vi.advanceTimersByTimeAsync(1)
    expect(order).toEqual(['a', 'not b'])
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS)
    expect(order).toEqual(['a', 'not b', 'not c'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('finds out what nobody here has released: a lease that has passed, a slot of another process', async () => {
    const { clock, order, reserve } = setUp()
    await reserve('a')
    void reserve('b')
    await vi.advanceTimersByTimeAsync(1000)
    expect(order).toEqual(['a'])
    clock.now += 30_000
    await vi.advanceTimersByTimeAsync(100)
    expect(order).toEqual(['a', 'b'])
  })

  it('tells the next one at once that it is the first', async () => {
    const { clock, order, reserve } = setUp({ limit: 2 })
    for (const who of ['a', 'b']) await reserve(who)
    for (const who of ['c', 'd']) void reserve(who)
    await settled()
    clock.now += 30_000
    await vi.advanceTimersByTimeAsync(100)
    expect(order).toEqual(['a', 'b', 'c', 'd'])
  })

  it('lets no one overtake those who wait, even where the line is full', async () => {
    const { order, reserve } = setUp({ queue: 1 })
    const first = await reserve('a')
    const second = reserve('b')
    await settled()
    const released = first.settle()
    const third = await reserve('c')
    expect(third.decision).toMatchObject({
      allowed: false,
      policy: 'slots',
      code: 'CONCURRENCY_LIMIT_EXCEEDED',
      used: 1,
      remaining: 0,
      retryAfterMs: 30_000,
    })
    await Promise.all([released, second])
    expect(order).toEqual(['a', 'not c', 'b'])
  })

  it('of a full line is none for a cost of 0, and as good as none for a larger limit', async () => {
    const { limiter, reserve } = setUp({ queue: 1 })
    await reserve('a')
    void reserve('b')
    await settled()
    const cost = { slots: 0, pace: 0 }
    expect((await limiter.reserve('k', { cost })).decision.allowed).toBe(true)
    const { decision } = await limiter.reserve('k', { cost: { pace: 0 }, limit: { slots: 5 } })
    expect(decision).toMatchObject({ allowed: false, limit: 5, used: 5, retryAfterMs: 30_000 })
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS)
  })

  it('lets no one overtake those who wait', async () => {
    const { clock, order, reserve } = setUp()
    await reserve('a')
    void reserve('b')
    await settled()
    clock.now += 30_000
    void reserve('c')
    await settled()
    expect(order).toEqual(['a'])
    await vi.advanceTimersByTimeAsync(100)
    expect(order).toEqual(['a', 'b'])
  })

  it('leaves the line when the signal aborts, with its reason', async () => {
    const { order, reserve } = setUp()
    const first = await reserve('a')
    const [b, c] = [new AbortController(), new AbortController()]
    const second = reserve('b', { signal: b.signal })
    const third = reserve('c', { signal: c.signal })
    await settled()
    b.abort(new Error('b left'))
    await expect(second).rejects.toThrow('b left')
    await first.settle()
    expect((await third).decision.allowed).toBe(true)
    expect(order).toEqual(['a', 'c'])
    await expect(reserve('d', { signal: b.signal })).rejects.toThrow('b left')
    await (await third).cancel()
    await expect(reserve('d', { signal: b.signal })).rejects.toThrow('b left')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not wait for anything but a slot', async () => {
    const { limiter } = setUp({ limit: 9 })
    for (let i = 0; i < 3; i++) await limiter.reserve('k')
    expect((await limiter.reserve('k')).decision).toMatchObject({ allowed: false, policy: 'pace' })
    expect((await limiter.reserve('k', { cost: { slots: 10, pace: 0 } })).decision.code).toBe(
      'COST_EXCEEDS_LIMIT',
    )
    expect((await limiter.reserve({ slots: null, pace: 'k' })).decision.allowed).toBe(false)
  })

  it('refuses who waited when something else refuses by then', async () => {
    const { limiter } = setUp()
    const held = await limiter.reserve('k')
    const waiting = limiter.reserve('k')
    await settled()
    await limiter.consume({ slots: null, pace: 'k' }, { cost: { pace: 2 } })
    await held.settle()
    expect((await waiting).decision).toMatchObject({ allowed: false, policy: 'pace' })
  })

  it('is one line for each key', async () => {
    const { limiter } = setUp()
    await limiter.reserve('k')
    void limiter.reserve('k')
    await settled()
    expect((await limiter.reserve('other')).decision.allowed).toBe(true)
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS)
  })

  it('asks for another slot each time: one that came too late is released by its id', async () => {
    const store = scriptedStore()
    const policies = { slots: concurrency({ limit: 1, lease: '30s', queue: 1, maxWait: '1s' }) }
    const limiter = createLimiter({ name: 'queued', store, policies })
    await limiter.reserve('k')
    void limiter.reserve('k')
    await vi.advanceTimersByTimeAsync(450)
    const ids = store.calls.filter(({ mode }) => mode === 'consume').map(({ ops }) => ops[0]?.id)
    expect(ids.length).toBeGreaterThan(4)
    expect(new Set(ids).size).toBe(ids.length)
    await vi.advanceTimersByTimeAsync(1000)
  })
})
