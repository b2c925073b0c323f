import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { slidingWindow } from '../algorithms/sliding-window/sliding-window.js'
import { SpillwayError } from '../errors.js'
import { createLimiter, type LimiterOptions } from '../limiter.js'
import { failure, scriptedStore, silence } from '../testing/scripted-store.js'

const NOW = Date.UTC(2030, 0, 1, 12)

beforeEach(() => vi.useFakeTimers({ now: NOW }))
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const policies = { minute: slidingWindow({ limit: 100, window: '1m' }) }

function setUp(options: Partial<LimiterOptions> = {}) {
  const store = scriptedStore()
  const onError = vi.fn<(error: SpillwayError) => void>()
  const limiter = createLimiter({ name: 'api', policies, store, onError, ...options })
  /** So many decisions, one after the other; time passes as far as they wait. */
  const consume = async (count: number) => {
    const sources: string[] = []
    for (let i = 0; i < count; i++) {
      const decision = limiter.consume('k')
      await vi.advanceTimersByTimeAsync(0)
      await vi.advanceTimersByTimeAsync(60)
      sources.push((await decision).source)
    }
    return sources
  }
  return { store, limiter, onError, consume }
}

describe('a store that does not answer', () => {
  it('is waited for until the deadline, 50 ms unless told', async () => {
    for (const [options, ms] of [
      [{}, 50],
      [{ deadline: '7ms' }, 7],
      [{ deadline: 2000 }, 2000],
    ] as const) {
      const { store, limiter } = setUp(options)
      store.does = silence
      let decided = false
      const decision = limiter.consume('k').finally(() => {
        decided = true
      })
      await vi.advanceTimersByTimeAsync(ms)
      expect(decided).toBe(false)
      await vi.advanceTimersByTimeAsync(10)
      expect(decided).toBe(true)
      expect((await decision).source).toBe('local')
    }
  })

  it('is left alone after five decisions, until a probe finds it well', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const { store, consume } = setUp()
    store.does = silence
    expect(new Set(await consume(7))).toEqual(new Set(['local']))
    expect(store.calls).toHaveLength(5)
    store.does = (truth) => truth()
    await vi.advanceTimersByTimeAsync(400)
    expect(await consume(3)).toEqual(['store', 'store', 'store'])
  })

  it('gets one probe at a time, however many ask', async () => {
    const { store, limiter } = setUp()
    store.does = silence
    const ask = (count: number) => Promise.all(Array.from({ length: count }, () => limiter.consume('k')))
    const first = ask(20)
    await vi.advanceTimersByTimeAsync(60)
    await first
    expect(store.calls).toHaveLength(20)
    for (let probes = 1; probes <= 3; probes++) {
      await vi.advanceTimersByTimeAsync(801)
      const decisions = ask(20)
      await vi.advanceTimersByTimeAsync(60)
      expect((await decisions).every(({ source }) => source === 'local')).toBe(true)
      expect(store.calls).toHaveLength(20 + probes)
    }
  })

  it('is asked nothing twice, and what it does late changes no decision', async () => {
    const { store, limiter } = setUp({ denyCache: 0 })
    const late: (() => void)[] = []
    store.does = (truth) =>
      new Promise((resolve, reject) => {
        late.push(late.length === 0 ? () => resolve(truth()) : () => reject(new Error('late')))
      })
    const decisions = [limiter.consume('k'), limiter.reserve('k', { cost: 2 })] as const
    await vi.advanceTimersByTimeAsync(60)
    expect(await decisions[0]).toMatchObject({ source: 'local', used: 1 })
    const held = await decisions[1]
    expect(held.decision).toMatchObject({ source: 'local', used: 3 })
    for (const come of late) come()
    await vi.advanceTimersByTimeAsync(0)
    expect(store.calls).toHaveLength(2)
    // The local store has counted it once, by its own decision.
    store.does = failure
    expect((await limiter.peek('k', { cost: 0 })).used).toBe(3)
    expect(await held.cancel()).toBe(true)
    expect((await limiter.peek('k', { cost: 0 })).used).toBe(1)
  })

  it('is told that its attempt is over once the deadline is, and no sooner', async () => {
    const { store, limiter } = setUp()
    await limiter.consume('k')
    store.does = silence
    const decision = limiter.consume('k')
    await vi.advanceTimersByTimeAsync(50)
    const overs = () => store.calls.map(({ attempt }) => attempt?.over)
    expect(overs()).toEqual([false, false])
    await vi.advanceTimersByTimeAsync(10)
    await decision
    expect(overs()).toEqual([false, true])
  })

  it('is told of by onError once, and again only after it has answered', async () => {
    const { store, consume, onError } = setUp()
    store.does = failure
    await consume(4)
    expect(onError).not.toHaveBeenCalled()
    await consume(40)
    expect(onError).toHaveBeenCalledTimes(1)
    const [error] = onError.mock.calls[0] as [SpillwayError]
    expect(error).toBeInstanceOf(SpillwayError)
    expect(error).toMatchObject({ code: 'STORE_FAILED', cause: new Error('gone') })
    expect(error.message).toContain(
      "The store of limiter 'api' failed: gone. Until it answers, `fallback: 'local'` decides.",
    )
    store.does = (truth) => truth()
    await consume(20)
    store.does = failure
    await consume(5)
    expect(onError).toHaveBeenCalledTimes(2)
  })

  it('is told of by what the row of failures began with', async () => {
    const { store, limiter, onError } = setUp()
    store.does = () => Promise.reject(new Error('refused the password'))
    await limiter.consume('k')
    store.does = failure
    for (let i = 0; i < 4; i++) await limiter.consume('k')
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ cause: new Error('refused the password') })
  })

  it('is told of on the console by default', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { store, consume } = setUp({ onError: undefined as never })
    store.does = silence
    await consume(20)
    expect(error).toHaveBeenCalledTimes(1)
    expect(error.mock.calls[0]?.[0]).toContain('spillway: The store of limiter')
    expect(error.mock.calls[0]?.[0]).toContain('no answer within 50 ms')
  })

  it('decides no less when onError throws', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { store, consume } = setUp({
      onError() {
        throw new Error('mine')
      },
    })
    store.does = failure
    expect(await consume(6)).toEqual(Array(6).fill('local'))
    expect(error).toHaveBeenCalledWith('spillway: `onError` threw; the decision stands.', new Error('mine'))
  })
})

describe('a store that fails', () => {
  it.each<[string, () => Promise<never>]>([
    ['with an error', failure],
    ['with something else', () => Promise.reject('no error')],
    ['with nothing', () => Promise.reject(undefined)],
    [
      'at once',
      () => {
        throw new Error('at once')
      },
    ],
    ['by an answer that is none', async () => undefined as never],
  ])('%s does not fail the decision', async (_, does) => {
    const { store, limiter, onError } = setUp()
    store.does = does
    for (let i = 0; i < 6; i++) {
      expect(await limiter.consume('k')).toMatchObject({ allowed: true, source: 'local', used: i + 1 })
    }
    expect(await limiter.peek('k')).toMatchObject({ source: 'local', remaining: 93 })
    expect(store.calls).toHaveLength(5)
    expect(onError).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('has failed once where one call of many decisions did', async () => {
    const { store, limiter, onError } = setUp()
    const batch = async (keys: number) => {
      const lost = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('gone')), 10))
      lost.catch(() => {})
      store.does = () => lost
      const decisions = Promise.all(Array.from({ length: keys }, (_, i) => limiter.consume(`k${i}`)))
      await vi.advanceTimersByTimeAsync(10)
      for (const { source } of await decisions) expect(source).toBe('local')
    }
    for (let i = 0; i < 4; i++) await batch(8)
    expect(onError).not.toHaveBeenCalled()
    await batch(8)
    expect([store.calls.length, onError.mock.calls.length]).toEqual([40, 1])
    await batch(8)
    expect(store.calls).toHaveLength(40)
  })

  it('is found by peeks as well as by decisions, and by any of them found well again', async () => {
    const { store, limiter } = setUp()
    store.does = failure
    for (let i = 0; i < 6; i++) expect((await limiter.peek('k')).source).toBe('local')
    expect(store.calls).toHaveLength(5)
    store.does = (truth) => truth()
    await vi.advanceTimersByTimeAsync(801)
    expect((await limiter.peek('k')).source).toBe('store')
    expect((await limiter.consume('k')).source).toBe('store')
  })

  it('rejects a reset: nobody can forget for it', async () => {
    const { store, limiter } = setUp()
    await limiter.consume('k')
    store.does = failure
    for (let i = 0; i < 7; i++) {
      await expect(limiter.reset('k')).rejects.toMatchObject({ name: 'SpillwayError', code: 'STORE_FAILED' })
    }
    expect(store.calls).toHaveLength(6)
    store.does = (truth) => truth()
    await vi.advanceTimersByTimeAsync(801)
    await limiter.reset('k')
    expect((await limiter.consume('k')).used).toBe(1)
  })

  it('has not heard of a settlement or a cancellation, which says so', async () => {
    const { store, limiter } = setUp()
    const held = await Promise.all(Array.from({ length: 4 }, () => limiter.reserve('k')))
    store.does = failure
    expect([await held[0]?.settle(0), await held[1]?.cancel()]).toEqual([false, false])
    store.does = silence
    const silent = held[2]?.settle(3)
    await vi.advanceTimersByTimeAsync(60)
    expect(await silent).toBe(false)
    // Each once so far, and asking again sends nothing: the outbox does.
    expect(store.calls.filter(({ mode }) => mode === 'adjust')).toHaveLength(3)
    expect(await held[0]?.settle(0)).toBe(false)
    store.does = (truth) => truth()
    expect(await held[3]?.cancel()).toBe(true)
  })
})

describe('a key that holds something else', () => {
  const malformed = async () => {
    throw new SpillwayError('STATE_MALFORMED', 'Redis holds something else under "k".')
  }

  it('is decided by the fallback, and says nothing of other keys', async () => {
    const { store, limiter, onError } = setUp()
    store.does = malformed
    for (let i = 0; i < 20; i++) expect((await limiter.consume('k')).source).toBe('local')
    store.does = (truth) => truth()
    expect((await limiter.consume('other')).source).toBe('store')
    expect(onError).toHaveBeenCalledTimes(1)
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: 'STATE_MALFORMED' })
  })

  it('is told of once a minute', async () => {
    const { store, limiter, onError } = setUp()
    store.does = malformed
    for (let i = 0; i < 12; i++) {
      await limiter.consume('k')
      await vi.advanceTimersByTimeAsync(10_000)
    }
    expect(onError).toHaveBeenCalledTimes(2)
  })

  it('is found by a store that is well again', async () => {
    const { store, limiter } = setUp()
    store.does = failure
    for (let i = 0; i < 5; i++) await limiter.consume('k')
    await vi.advanceTimersByTimeAsync(801)
    store.does = malformed
    await limiter.consume('k')
    store.does = (truth) => truth()
    expect((await limiter.consume('other')).source).toBe('store')
  })
})

describe('a store that is well', () => {
  it('is not to blame for what we cannot make of its answer', async () => {
    const { store, limiter, onError } = setUp()
    store.does = (truth) => ({ ...truth(), passed: false, results: [undefined as never] })
    for (let i = 0; i < 6; i++) await expect(limiter.consume('k')).rejects.toThrow(TypeError)
    expect(store.calls).toHaveLength(6)
    expect(onError).not.toHaveBeenCalled()
    store.does = (truth) => truth()
    expect((await limiter.consume('k')).source).toBe('store')
  })

  it('says `store`, and no timer is left', async () => {
    const { limiter } = setUp()
    expect(await limiter.consume('k')).toMatchObject({ source: 'store', atomic: true })
    expect(await limiter.peek('k')).toMatchObject({ source: 'store' })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('may be synchronous: then none of this surrounds it', async () => {
    const error = new Error('mine')
    const store = {
      sync: true,
      prepare: () => () => {
        throw error
      },
    } as const
    const limiter = createLimiter({ name: 'api', policies, store, fallback: 'allow' })
    await expect(limiter.consume('k')).rejects.toBe(error)
  })
})
