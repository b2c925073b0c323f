import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deadline } from './deadline.js'

const within = <T>(ms: number, promise: Promise<T>) => new Deadline(ms).wait(() => promise)

/** Settles when the test says so. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** What became of a promise so far. */
function fateOf(promise: Promise<unknown>): { now: unknown } {
  const fate: { now: unknown } = { now: 'pending' }
  promise.then(
    (value) => {
      fate.now = value
    },
    (error) => {
      fate.now = error.message
    },
  )
  return fate
}

describe('a deadline', () => {
  /** How much longer our clock has gone than the timers: the loop stood still so long. */
  let stalled = 0
  beforeEach(() => {
    stalled = 0
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] })
    const now = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => now() + stalled)
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  it('answers what came in time, and leaves no timer behind', async () => {
    const late = deferred<string>()
    const waiting = within(50, late.promise)
    await vi.advanceTimersByTimeAsync(45)
    late.resolve('in time')
    expect(await waiting).toBe('in time')
    expect(await within(50, Promise.resolve('at once'))).toBe('at once')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves out what asking took', async () => {
    const late = deferred<string>()
    const waiting = new Deadline(50).wait(() => {
      stalled += 60
      return late.promise
    })
    await vi.advanceTimersByTimeAsync(45)
    late.resolve('in time')
    expect(await waiting).toBe('in time')
  })

  it('is one for all that it waits for', async () => {
    const deadline = new Deadline(50)
    const first = deferred<string>()
    const waiting = deadline.wait(() => first.promise)
    await vi.advanceTimersByTimeAsync(30)
    first.resolve('first')
    expect(await waiting).toBe('first')
    const fate = fateOf(deadline.wait(() => deferred().promise))
    await vi.advanceTimersByTimeAsync(20)
    expect(fate.now).toBe('pending')
    await vi.advanceTimersByTimeAsync(10)
    expect(fate.now).toBe('no answer within 50 ms')
  })

  it('has as much left after an answer that was read when the loop had stood still', async () => {
    const deadline = new Deadline(50)
    const late = deferred<string>()
    const waiting = deadline.wait(() => late.promise)
    await vi.advanceTimersByTimeAsync(5)
    stalled = 300
    late.resolve('read first')
    expect(await waiting).toBe('read first')
    // Our loop ran 5 ms at least and, as far as we looked, 10 at most.
    expect(deadline.left()).toBeGreaterThanOrEqual(40)
    expect(deadline.left()).toBeLessThanOrEqual(45)
  })

  it('fails as what was asked fails, and leaves no timer behind', async () => {
    const late = deferred()
    const waiting = within(50, late.promise)
    late.reject('no error at all')
    await expect(waiting).rejects.toBe('no error at all')
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([1, 9, 10, 11, 50, 2000])('fails once %i ms are over, a little later and no sooner', async (ms) => {
    const fate = fateOf(within(ms, deferred().promise))
    await vi.advanceTimersByTimeAsync(ms)
    expect(fate.now).toBe('pending')
    await vi.advanceTimersByTimeAsync(10)
    expect(fate.now).toBe(`no answer within ${ms} ms`)
    expect(vi.getTimerCount()).toBe(0)
  })

  // A rejection that nobody handles fails the run.
  it('ignores what comes later', async () => {
    const [answer, error] = [deferred<string>(), deferred<string>()]
    const fates = [fateOf(within(50, answer.promise)), fateOf(within(50, error.promise))]
    await vi.advanceTimersByTimeAsync(60)
    answer.resolve('late')
    error.reject(new Error('late'))
    await vi.advanceTimersByTimeAsync(1)
    expect(fates.map(({ now }) => now)).toEqual(Array(2).fill('no answer within 50 ms'))
  })

  it.each([0, 12, 35])('does not count the time that the loop stood still, from %i ms on', async (at) => {
    const fate = fateOf(within(50, deferred().promise))
    await vi.advanceTimersByTimeAsync(at)
    stalled = 300
    await vi.advanceTimersByTimeAsync(50 - at)
    expect(fate.now).toBe('pending')
    await vi.advanceTimersByTimeAsync(15)
    expect(fate.now).toBe('no answer within 50 ms')
  })

  it('does not count the longest of several times', async () => {
    const fate = fateOf(within(50, deferred().promise))
    await vi.advanceTimersByTimeAsync(5)
    stalled = 20
    await vi.advanceTimersByTimeAsync(10)
    stalled = 320
    await vi.advanceTimersByTimeAsync(14)
    // 349 ms of which 300 do not count.
    expect(fate.now).toBe('pending')
    await vi.advanceTimersByTimeAsync(16)
    expect(fate.now).toBe('no answer within 50 ms')
  })

  it('counts from its own beginning, though others waited before', async () => {
    const before = fateOf(within(50, deferred().promise))
    await vi.advanceTimersByTimeAsync(5)
    stalled = 300
    const fate = fateOf(within(50, deferred().promise))
    await vi.advanceTimersByTimeAsync(70)
    expect([before.now, fate.now]).toEqual(Array(2).fill('no answer within 50 ms'))
  })

  it('is not kept waiting by a longer one', async () => {
    const [long, short] = [fateOf(within(50, deferred().promise)), fateOf(within(3, deferred().promise))]
    await vi.advanceTimersByTimeAsync(9)
    expect([long.now, short.now]).toEqual(['pending', 'no answer within 3 ms'])
  })

  it('ends for all others too, when one is answered late', async () => {
    const late = deferred<string>()
    const fates = [within(20, late.promise), within(100, deferred().promise)].map(fateOf)
    await vi.advanceTimersByTimeAsync(40)
    late.resolve('late')
    await vi.advanceTimersByTimeAsync(80)
    expect(fates.map(({ now }) => now)).toEqual(['no answer within 20 ms', 'no answer within 100 ms'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('takes an answer that is read after that', async () => {
    const answer = deferred<string>()
    const waiting = within(50, answer.promise)
    await vi.advanceTimersByTimeAsync(45)
    stalled = 300
    await vi.advanceTimersByTimeAsync(6)
    answer.resolve('read at last')
    expect(await waiting).toBe('read at last')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('also does in a runtime without setImmediate', async () => {
    vi.stubGlobal('setImmediate', undefined)
    const fate = fateOf(within(50, deferred().promise))
    await vi.advanceTimersByTimeAsync(45)
    stalled = 300
    await vi.advanceTimersByTimeAsync(30)
    expect(fate.now).toBe('no answer within 50 ms')
  })
})

describe('within, in a loop that stands still', () => {
  const stall = (ms: number) => {
    const end = performance.now() + ms
    while (performance.now() < end);
  }
  const soon = (call: () => void) =>
    (globalThis as unknown as { setImmediate(call: () => void): void }).setImmediate(call)

  it.each([17, 40])('for %i ms reads what has arrived before it gives up', async (ms) => {
    // Sent at the end of this turn, and answered in the next one.
    const ask = () => new Promise((resolve) => soon(() => soon(() => resolve('arrived'))))
    const waiting = Array.from({ length: 50 }, () => within(10, ask()))
    stall(ms)
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['arrived']))
  })
})
