import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { concurrency } from '../algorithms/concurrency/concurrency.js'
import { slidingLog } from '../algorithms/sliding-log/sliding-log.js'
import { SpillwayError } from '../errors.js'
import { createLimiter } from '../limiter.js'
import { failure, type ScriptedStore, scriptedStore, silence } from '../testing/scripted-store.js'

const policies = {
  slots: concurrency({ limit: 9, lease: '1h' }),
  tokens: slidingLog({ limit: 100, window: '1h' }),
}

function setUp() {
  const store = scriptedStore()
  const errors: SpillwayError[] = []
  const onError = (error: SpillwayError) => void errors.push(error)
  const limiter = createLimiter({ name: 'settled', store, policies, clock: () => 0, onError })
  const truth = store.does
  return {
    limiter,
    store,
    errors,
    back() {
      store.does = truth
    },
    /** Slots and tokens, as the store has them. */
    async used() {
      const { policies, source } = await limiter.peek('k', { cost: 0 })
      expect(source).toBe('store')
      return [policies.slots.used, policies.tokens.used]
    },
  }
}

function sent({ calls }: ScriptedStore): string[] {
  return calls.flatMap(({ mode }) => (mode === 'consume' || mode === 'peek' ? [] : [mode]))
}

describe('what a store does not hear', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each([
    ['fails', failure],
    ['does not answer', silence],
  ])('it hears once it is back, where it %s', async (_how, away) => {
    const { limiter, store, back, used } = setUp()
    const held = await limiter.reserve('k', { cost: { tokens: 50 } })
    store.does = away
    const settled = held.settle({ tokens: 20 })
    await vi.advanceTimersByTimeAsync(100)
    expect(await settled).toBe(false)
    back()
    await vi.advanceTimersByTimeAsync(1000)
    expect(await used()).toEqual([0, 20])
    const calls = sent(store).length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent(store)).toHaveLength(calls)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('it does once, when it had heard it though its answer was lost', async () => {
    const { limiter, store, back, used } = setUp()
    const held = await limiter.reserve('k', { cost: { tokens: 50 } })
    store.does = (truth) => {
      truth()
      return failure()
    }
    expect(await held.settle({ tokens: 70 })).toBe(false)
    await vi.advanceTimersByTimeAsync(2000)
    back()
    await vi.advanceTimersByTimeAsync(1000)
    expect(sent(store).length).toBeGreaterThan(2)
    expect(await used()).toEqual([0, 70])
  })

  it('it hears with the next answer, whatever was asked', async () => {
    const { limiter, store, back, used } = setUp()
    const held = await limiter.reserve('k', { cost: { tokens: 50 } })
    store.does = failure
    await held.cancel()
    back()
    await limiter.peek('other')
    await vi.advanceTimersByTimeAsync(0)
    expect(await used()).toEqual([0, 0])
  })

  it('it does not hear after half a minute: that is told, with the number', async () => {
    const { limiter, store, errors, back, used } = setUp()
    const held = await limiter.reserve('k', { cost: { tokens: 50 } })
    store.does = failure
    await held.cancel()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(errors.map(({ code }) => code)).toEqual(['STORE_FAILED', 'SETTLEMENT_LOST'])
    expect(errors[1]?.message).toContain(
      "limiter 'settled' did not hear 2 of its settlements and releases (2 so far)",
    )
    expect(vi.getTimerCount()).toBe(0)
    back()
    await vi.advanceTimersByTimeAsync(1000)
    await limiter.peek('k')
    await vi.advanceTimersByTimeAsync(1000)
    expect(await used()).toEqual([1, 50])
  })

  it('is a charge beyond the estimate too', async () => {
    const { limiter, store, back, used } = setUp()
    const held = await limiter.reserve('k', { cost: { tokens: 5 } })
    store.does = failure
    expect(await held.meter({ tokens: 8 }, { atLimit: 'finish' })).toBe(true)
    back()
    await vi.advanceTimersByTimeAsync(1000)
    expect(await used()).toEqual([1, 8])
    expect(await held.settle()).toBe(true)
    expect(await used()).toEqual([0, 8])
  })

  it('is nothing more where a key holds something strange', async () => {
    const { limiter, store, errors } = setUp()
    const held = await limiter.reserve('k')
    store.does = () => {
      throw new SpillwayError('STATE_MALFORMED', 'what is that?')
    }
    expect(await held.cancel()).toBe(false)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent(store)).toHaveLength(2)
    expect(errors.map(({ code }) => code)).toEqual(['STATE_MALFORMED'])
  })

  it('is carried no further once a key turns out to hold something strange', async () => {
    const { limiter, store, errors } = setUp()
    const held = await limiter.reserve('k')
    store.does = failure
    expect(await held.cancel()).toBe(false)
    const before = sent(store).length
    store.does = () => {
      throw new SpillwayError('STATE_MALFORMED', 'what is that?')
    }
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent(store)).toHaveLength(2 * before)
    expect(errors.map(({ code }) => code)).toEqual(['STATE_MALFORMED'])
  })

  it('is no renewal and no reset: those are to be asked for again', async () => {
    const { limiter, store } = setUp()
    const held = await limiter.reserve('k')
    store.does = failure
    expect(await held.renew()).toBe(true)
    await expect(limiter.reset('k')).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(sent(store)).toEqual(['renew', 'reset'])
  })

  it('is no slot that it was not asked for', async () => {
    const { limiter, store, back } = setUp()
    store.does = failure
    for (let i = 0; i < 5; i++) await limiter.peek('k')
    expect((await limiter.reserve('k')).decision.source).toBe('local')
    back()
    await vi.advanceTimersByTimeAsync(2000)
    await limiter.peek('k')
    await vi.advanceTimersByTimeAsync(1000)
    expect(sent(store)).toEqual([])
  })
})
