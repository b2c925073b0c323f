import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { slidingWindow } from '../algorithms/sliding-window/sliding-window.js'
import type { SpillwayError } from '../errors.js'
import { createLimiter, type Limiter, type LimiterOptions } from '../limiter.js'
import { failure, type ScriptedStore, scriptedStore } from '../testing/scripted-store.js'

const NOW = Date.UTC(2030, 0, 1, 12)

beforeEach(() => vi.useFakeTimers({ now: NOW }))
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function limiterOn(store: ScriptedStore, options: Partial<LimiterOptions> = {}): Limiter {
  const policies = { minute: slidingWindow({ limit: 5, window: '1m' }) }
  return createLimiter({ name: 'api', policies, store, onError() {}, ...options })
}

async function times(count: number, ask: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) await ask()
}

describe('limiters on one store', () => {
  it('leave it alone together after five failures, and send one probe', async () => {
    const store = scriptedStore()
    store.does = failure
    const limiters = ['a', 'b', 'c', 'd'].map((name) => limiterOn(store, { name }))
    const all = () => Promise.all(limiters.map(({ consume }) => consume('k')))
    await times(5, async () => {
      for (const { consume } of limiters) expect((await consume('k')).source).toBe('local')
    })
    expect(store.calls).toHaveLength(5)
    vi.advanceTimersByTime(801)
    await all()
    expect(store.calls).toHaveLength(6)
    vi.advanceTimersByTime(801)
    store.does = (truth) => truth()
    await limiters[3]?.peek('k')
    expect((await all()).map(({ source }) => source)).toEqual(Array(4).fill('store'))
  })

  it('are told each by its own listener, by what the row of failures began with, once for each outage', async () => {
    const store = scriptedStore()
    const told = ['a', 'b'].map((name) => {
      const onError = vi.fn<(error: SpillwayError) => void>()
      const limiter = limiterOn(store, { name, onError })
      return { onError, limiter }
    })
    const calls = () => told.map(({ onError }) => onError.mock.calls.length)
    const [a, b] = told.map(
      ({ limiter }) =>
        () =>
          limiter.consume('k'),
    ) as [() => Promise<unknown>, () => Promise<unknown>]
    store.does = () => Promise.reject(new Error('refused the password'))
    await a()
    store.does = failure
    await times(4, a)
    expect(calls()).toEqual([1, 0])
    await times(3, b)
    await times(3, a)
    expect(calls()).toEqual([1, 1])
    for (const [i, { onError }] of told.entries()) {
      const [error] = onError.mock.calls[0] as [SpillwayError]
      expect(error.cause).toEqual(new Error('refused the password'))
      expect(error.message).toContain(`The store of limiter '${'ab'[i]}' failed`)
    }
    // `a` finds it well, and gone again, while `b` asks nothing.
    store.does = (truth) => truth()
    vi.advanceTimersByTime(801)
    await a()
    store.does = failure
    await times(6, a)
    await times(6, b)
    expect(calls()).toEqual([2, 2])
  })

  it('that have one listener tell it once', async () => {
    const store = scriptedStore()
    store.does = failure
    const onError = vi.fn()
    const limiters = ['a', 'b'].map((name) => limiterOn(store, { name, onError }))
    for (const { consume } of limiters) await times(6, () => consume('k'))
    expect(onError).toHaveBeenCalledTimes(1)
  })

  it('know its clock together', async () => {
    const store = scriptedStore()
    store.clock = () => Date.now() + 1234
    const [one, other] = ['a', 'b'].map((name) => limiterOn(store, { name })) as [Limiter, Limiter]
    await one.consume('k')
    store.does = failure
    expect((await other.consume('k')).now).toBe(NOW + 1234)
  })

  it('do not take for it the clock that one of them was given', async () => {
    const store = scriptedStore()
    await limiterOn(store, { name: 'a', clock: () => 5 }).consume('k')
    store.does = failure
    expect((await limiterOn(store, { name: 'b' }).consume('k')).now).toBe(NOW)
  })

  it('share nothing of the kind with those on another one', async () => {
    const [gone, well] = [scriptedStore(), scriptedStore()]
    gone.does = failure
    gone.clock = () => 0
    await times(6, () => limiterOn(gone).consume('k'))
    expect(await limiterOn(well).consume('k')).toMatchObject({ source: 'store', used: 1, now: NOW })
  })
})

describe('limiters of one name', () => {
  it('go on together from what the store granted to any of them, whatever the fallback of the others', async () => {
    const store = scriptedStore()
    const [one, other, allowing] = [
      limiterOn(store),
      limiterOn(store),
      limiterOn(store, { fallback: 'allow' }),
    ]
    for (const { consume } of [one, other, allowing]) await consume('k')
    store.does = failure
    expect(await one.consume('k')).toMatchObject({ source: 'local', used: 4 })
    expect(await other.consume('k')).toMatchObject({ source: 'local', used: 5 })
    expect(await one.consume('k')).toMatchObject({ source: 'local', allowed: false })
    expect(await allowing.consume('k')).toMatchObject({ source: 'fallback', allowed: true })
    expect(await limiterOn(store, { name: 'other' }).consume('k')).toMatchObject({ source: 'local', used: 1 })
  })

  it('know of refusals together, each for as long as it was told', async () => {
    const store = scriptedStore()
    const [one, other] = [limiterOn(store), limiterOn(store)]
    const [short, never] = [limiterOn(store, { denyCache: '100ms' }), limiterOn(store, { denyCache: 0 })]
    await one.consume('k', { cost: 5 })
    const source = async ({ consume }: Limiter) => (await consume('k')).source
    expect(await source(never)).toBe('store')
    expect([await source(one), await source(other), await source(short)]).toEqual([
      'store',
      'deny-cache',
      'deny-cache',
    ])
    vi.advanceTimersByTime(100)
    expect([await source(other), await source(short), await source(never)]).toEqual([
      'deny-cache',
      'store',
      'store',
    ])
    const another = limiterOn(store, { name: 'other' })
    await another.consume('k', { cost: 5 })
    expect(await source(another)).toBe('store')
  })

  it.each(['1s', 0] as const)(
    'hear of a reset by any of them, also by one whose denyCache is %s',
    async (denyCache) => {
      const store = scriptedStore()
      const [one, other] = [limiterOn(store), limiterOn(store, { denyCache })]
      await one.consume('k', { cost: 5 })
      await times(2, () => one.consume('k'))
      await other.reset('k')
      expect(await one.consume('k')).toMatchObject({ allowed: true, source: 'store' })
    },
  )
})
