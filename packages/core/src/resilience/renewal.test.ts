import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tokenBucket } from '../algorithms/token-bucket/token-bucket.js'
import type { Decision } from '../decision.js'
import { createLimiter, type LimiterOptions } from '../limiter.js'
import type { Outcome } from '../store.js'
import { failure, type ScriptedStore, scriptedStore, silence } from '../testing/scripted-store.js'

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) }))
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const hourly = tokenBucket({ limit: 3, window: '1h' })

/** A limiter that has just been told that its key `k` is used up. */
async function refused(options: Partial<LimiterOptions> = {}) {
  const store = scriptedStore()
  const policies = { first: hourly, second: hourly }
  const onError = vi.fn()
  const limiter = createLimiter({ name: 'renewed', policies, store, onError, ...options })
  await limiter.consume('k', { cost: 3 })
  await limiter.consume('k')
  const calls = () => store.calls.length - 2
  const ask = (count: number) => Array.from({ length: count }, () => limiter.consume('k'))
  /** One that asks the store, and in the next turn the others. */
  const askAfterOne = async (others: number) => {
    const [first] = ask(1)
    await vi.advanceTimersByTimeAsync(0)
    return [first as Promise<Decision>, ...ask(others)]
  }
  const sourcesOf = async (asked: readonly Promise<{ readonly source: string }>[]) =>
    (await Promise.all(asked)).map(({ source }) => source)
  return { store, limiter, calls, ask, askAfterOne, sourcesOf, onError }
}

const later = (ms: number) => (truth: () => Outcome) =>
  new Promise<Outcome>((resolve) => setTimeout(() => resolve(truth()), ms))

describe('a refusal that has become too old', () => {
  it('is asked for again once a second, by one request', async () => {
    const { store, calls, askAfterOne } = await refused()
    store.does = later(20)
    const sources: string[] = []
    for (let ms = 0; ms <= 3500; ms += 5) {
      for (const decision of await askAfterOne(2)) decision.then(({ source }) => sources.push(source))
      await vi.advanceTimersByTimeAsync(5)
    }
    await vi.advanceTimersByTimeAsync(50)
    expect(calls()).toBe(3)
    expect(sources).toHaveLength(3 * 701)
    expect(sources.filter((source) => source !== 'deny-cache')).toEqual(['store', 'store', 'store'])
  })

  it('is asked for again where time stands at just its age', async () => {
    const { calls, ask, sourcesOf } = await refused()
    await vi.advanceTimersByTimeAsync(999)
    expect(await sourcesOf(ask(1))).toEqual(['deny-cache'])
    await vi.advanceTimersByTimeAsync(1)
    expect(await sourcesOf(ask(1))).toEqual(['store'])
    expect(calls()).toBe(1)
  })

  it('is asked for by all of one turn, which a store can decide on at once, in their order', async () => {
    const { store, calls, ask, sourcesOf } = await refused()
    await vi.advanceTimersByTimeAsync(1000)
    store.does = later(20)
    const [first, next] = [ask(3), await vi.advanceTimersByTimeAsync(0).then(() => ask(3))]
    await vi.advanceTimersByTimeAsync(20)
    expect(await sourcesOf(first)).toEqual(['store', 'store', 'store'])
    expect(await sourcesOf(next)).toEqual(['deny-cache', 'deny-cache', 'deny-cache'])
    expect(calls()).toBe(3)
  })

  it('is then said as the store says it now', async () => {
    const { store, limiter, askAfterOne } = await refused()
    await vi.advanceTimersByTimeAsync(1000)
    store.does = later(20)
    const decisions = Promise.all(await askAfterOne(2))
    await vi.advanceTimersByTimeAsync(20)
    const [first, ...others] = await decisions
    for (const other of others) expect(other).toEqual({ ...first, source: 'deny-cache' })
    store.does = (truth) => truth()
    expect(first).toEqual(await limiter.peek('k'))
  })

  it('is asked for by all who waited where the store admits again', async () => {
    const { store, calls, askAfterOne } = await refused()
    await vi.advanceTimersByTimeAsync(1000)
    store.does = later(20)
    // Its clock was set: to us it is still too early.
    store.clock = () => Date.now() + 3_600_000
    const decisions = Promise.all(await askAfterOne(4))
    await vi.advanceTimersByTimeAsync(20)
    expect(calls()).toBe(5)
    await vi.advanceTimersByTimeAsync(20)
    expect((await decisions).map(({ allowed, source }) => [allowed, source])).toEqual([
      [true, 'store'],
      [true, 'store'],
      [true, 'store'],
      [false, 'store'],
      [false, 'store'],
    ])
  })

  it('is decided by the fallback, for all who wait, where the store does not answer in time', async () => {
    const { store, calls, ask, askAfterOne, sourcesOf } = await refused()
    await vi.advanceTimersByTimeAsync(1000)
    store.does = silence
    const early = await askAfterOne(2)
    await vi.advanceTimersByTimeAsync(40)
    const late = ask(3)
    await vi.advanceTimersByTimeAsync(20)
    expect(await sourcesOf([...early, ...late])).toEqual(Array.from({ length: 6 }, () => 'local'))
    expect(calls()).toBe(1)
  })

  it('is decided by the fallback where the store fails, and is asked for again by the next', async () => {
    const { store, calls, askAfterOne, sourcesOf } = await refused()
    await vi.advanceTimersByTimeAsync(1000)
    store.does = async () => {
      await later(5)(() => ({ now: 0, passed: true, results: [] }))
      throw new Error('gone')
    }
    const failing = await askAfterOne(2)
    await vi.advanceTimersByTimeAsync(5)
    expect(await sourcesOf(failing)).toEqual(['local', 'local', 'local'])
    expect(calls()).toBe(1)
    store.does = later(5)
    const well = await askAfterOne(2)
    await vi.advanceTimersByTimeAsync(5)
    expect(await sourcesOf(well)).toEqual(['store', 'deny-cache', 'deny-cache'])
    expect(calls()).toBe(2)
  })

  it('is not waited for where another limiter of the name asks, with a deadline of its own', async () => {
    const { store, askAfterOne, calls, sourcesOf } = await refused({ deadline: '10s' })
    const { consume } = createLimiter({ name: 'renewed', policies: { first: hourly, second: hourly }, store })
    await vi.advanceTimersByTimeAsync(1000)
    store.does = later(100)
    const [hasty, patient] = [consume('k'), await askAfterOne(1)]
    await vi.advanceTimersByTimeAsync(100)
    expect([(await hasty).source, await sourcesOf(patient)]).toEqual(['local', ['store', 'deny-cache']])
    expect(calls()).toBe(2)
  })

  /** The store admits again, by what another process has given back, and says so after so long; then it is silent. */
  const admitting = (ms: number, then: () => Promise<Outcome>, store: ScriptedStore) => {
    store.does = async (truth) => {
      store.does = then
      await new Promise((resolve) => setTimeout(resolve, ms))
      return { ...truth(), passed: true }
    }
  }

  it('leaves who has waited in vain only the rest of the deadline', async () => {
    const { store, calls, askAfterOne } = await refused()
    await vi.advanceTimersByTimeAsync(1000)
    admitting(20, silence, store)
    const [renewing, waiting] = await askAfterOne(1)
    await vi.advanceTimersByTimeAsync(20)
    expect(await renewing).toMatchObject({ allowed: true, source: 'store' })
    expect(calls()).toBe(2)
    await vi.advanceTimersByTimeAsync(40)
    expect((await waiting)?.source).toBe('local')
  })

  it('is decided by the fallback where half the deadline is over when the store admits: it is well, but slow', async () => {
    const { store, calls, askAfterOne, sourcesOf, limiter, onError } = await refused()
    await vi.advanceTimersByTimeAsync(1000)
    admitting(40, silence, store)
    const asked = await askAfterOne(19)
    await vi.advanceTimersByTimeAsync(40)
    expect(new Set((await sourcesOf(asked)).slice(1))).toEqual(new Set(['local']))
    expect(calls()).toBe(1)
    store.does = (truth) => truth()
    expect((await limiter.consume('other')).source).toBe('store')
    expect(onError).not.toHaveBeenCalled()
  })

  it('is asked for by each where an answer takes more than half the deadline: none could ask after waiting', async () => {
    const { store, calls, askAfterOne, sourcesOf } = await refused()
    store.does = later(26)
    for (const ms of [1000, 1026]) {
      await vi.advanceTimersByTimeAsync(ms)
      const before = calls()
      const asked = await askAfterOne(2)
      await vi.advanceTimersByTimeAsync(26)
      expect(await sourcesOf(asked)).toEqual(
        ms === 1000 ? ['store', 'deny-cache', 'deny-cache'] : Array(3).fill('store'),
      )
      expect(calls() - before).toBe(ms === 1000 ? 1 : 3)
    }
  })

  it('is said as it was when the request came, where the store begins to admit before its answer is there', async () => {
    const policy = tokenBucket({ limit: 30, window: '1m', burst: 1 })
    const store = scriptedStore()
    const { consume } = createLimiter({ name: 'refills', policies: { policy }, store })
    for (let i = 0; i < 2; i++) await consume('k')
    await vi.advanceTimersByTimeAsync(1985)
    store.does = async (truth) => {
      const outcome = truth()
      await new Promise((resolve) => setTimeout(resolve, 20))
      return outcome
    }
    const first = consume('k')
    await vi.advanceTimersByTimeAsync(5)
    const second = consume('k')
    await vi.advanceTimersByTimeAsync(15)
    expect(await first).toMatchObject({ allowed: false, source: 'store', retryAfterMs: 15 })
    // Longer than it must be by what the answer took: when on that way the store decided is not known.
    expect(await second).toMatchObject({ allowed: false, source: 'deny-cache', retryAfterMs: 30 })
    expect(store.calls).toHaveLength(3)
  })

  it('makes nobody wait for the probe of a store that is away', async () => {
    const { store, limiter, askAfterOne, sourcesOf } = await refused()
    await vi.advanceTimersByTimeAsync(1000)
    store.does = failure
    for (let i = 0; i < 5; i++) await limiter.consume('other')
    store.does = silence
    await vi.advanceTimersByTimeAsync(800)
    const [probe, ...others] = await askAfterOne(3)
    expect(await sourcesOf(others)).toEqual(['local', 'local', 'local'])
    await vi.advanceTimersByTimeAsync(60)
    expect((await probe)?.source).toBe('local')
  })

  it('is told of to each listener when it finds the store away', async () => {
    const { store, askAfterOne, onError } = await refused()
    await vi.advanceTimersByTimeAsync(1000)
    store.does = silence
    for (let i = 0; i < 5; i++) {
      const asked = await askAfterOne(1)
      await vi.advanceTimersByTimeAsync(60)
      await Promise.all(asked)
    }
    expect(onError).toHaveBeenCalledTimes(1)
  })

  it('is decided by the store where our own loop stood still meanwhile', async () => {
    let stood = 0
    const now = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => now() + stood)
    const { store, askAfterOne, sourcesOf } = await refused({ fallback: 'allow' })
    await vi.advanceTimersByTimeAsync(1000)
    admitting(5, later(20) as never, store)
    store.clock = () => Date.now() + 3_600_000
    const asked = await askAfterOne(2)
    await vi.advanceTimersByTimeAsync(4)
    // The answer is read before any timer finds that it is late.
    stood += 300
    await vi.advanceTimersByTimeAsync(40)
    expect(await sourcesOf(asked)).toEqual(['store', 'store', 'store'])
  })

  it.each([
    [1, 30],
    [30, 1],
  ])('is as old as its oldest part, and took as long as its slowest: %i and %i ms', async (first, second) => {
    const { store, limiter, calls, sourcesOf } = await refused()
    const both = () => limiter.consume('a')
    for (const keys of [
      { first: 'a', second: null },
      { first: null, second: 'a' },
    ] as const) {
      await limiter.consume(keys, { cost: 3 })
      store.does = later(keys.first === null ? second : first)
      const refusal = limiter.consume(keys)
      await vi.advanceTimersByTimeAsync(500)
      await refusal
      store.does = (truth) => truth()
    }
    // Of the first the store told 1000 ms ago, of the second 500.
    const before = calls()
    store.does = later(1)
    const asked = [both()]
    await vi.advanceTimersByTimeAsync(0)
    asked.push(both())
    await vi.advanceTimersByTimeAsync(1)
    expect(await sourcesOf(asked)).toEqual(['store', 'store'])
    expect(calls() - before).toBe(2)
  })

  it('is asked for by each limiter that wants no refusal repeated', async () => {
    const { store, calls } = await refused()
    const own = createLimiter({
      name: 'renewed',
      policies: { first: hourly, second: hourly },
      store,
      denyCache: 0,
    })
    await vi.advanceTimersByTimeAsync(1000)
    store.does = later(20)
    const decisions = [own.consume('k')]
    await vi.advanceTimersByTimeAsync(0)
    decisions.push(own.consume('k'), own.consume('k'))
    expect(calls()).toBe(3)
    await vi.advanceTimersByTimeAsync(20)
    for (const { source } of await Promise.all(decisions)) expect(source).toBe('store')
  })

  it('is forgotten by a reset while it is asked for', async () => {
    const { store, limiter, ask, askAfterOne } = await refused()
    await vi.advanceTimersByTimeAsync(1000)
    store.does = later(20)
    const before = Promise.all(await askAfterOne(1))
    await vi.advanceTimersByTimeAsync(10)
    const reset = limiter.reset('k')
    const [after] = ask(1)
    await vi.advanceTimersByTimeAsync(60)
    await reset
    expect((await before)[0]).toMatchObject({ allowed: false, source: 'store' })
    expect(await after).toMatchObject({ allowed: true, source: 'store', used: 1 })
  })

  it('of one caller keeps no other waiting', async () => {
    const { store, limiter, askAfterOne } = await refused()
    await limiter.consume('other', { cost: 3 })
    await limiter.consume('other')
    await vi.advanceTimersByTimeAsync(1000)
    store.does = silence
    const stuck = Promise.all(await askAfterOne(1))
    store.does = (truth) => truth()
    expect(await limiter.consume('other')).toMatchObject({ allowed: false, source: 'store' })
    await vi.advanceTimersByTimeAsync(60)
    await stuck
  })
})
