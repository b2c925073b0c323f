import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Letter, Outbox } from './outbox.js'

/** An outbox, and a store that hears nothing unless told. */
function setUp() {
  const heard: string[] = []
  const tries: string[] = []
  const told: [since: number, ever: number][] = []
  const store = { isThere: false, heard, tries, told }
  const outbox = new Outbox(
    async ({ ops }) => {
      const key = ops[0]?.key as string
      tries.push(key)
      if (store.isThere) heard.push(key)
      return store.isThere
    },
    (...losses) => told.push(losses),
  )
  return { outbox, store }
}

function letter(key: string): Letter {
  const ops = [{ policy: 0, key, cost: 1, limit: 1, fits: true, id: 1 }]
  return { ops, mode: 'adjust', given: undefined, since: performance.now() }
}

describe('the outbox', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('tries again now and then until the store has heard, each once', async () => {
    const { outbox, store } = setUp()
    outbox.add(letter('a'))
    outbox.add(letter('b'))
    await vi.advanceTimersByTimeAsync(1000)
    expect(store.tries).toEqual(['a', 'b', 'a', 'b'])
    store.isThere = true
    await vi.advanceTimersByTimeAsync(60_000)
    expect(store.heard).toEqual(['a', 'b'])
    expect(store.told).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('delivers at once when the store is known to answer', async () => {
    const { outbox, store } = setUp()
    for (let i = 0; i < 250; i++) outbox.add(letter(`${i}`))
    store.isThere = true
    await Promise.all([outbox.deliver(), outbox.deliver()])
    expect(store.heard).toEqual(Array.from({ length: 250 }, (_, i) => `${i}`))
  })

  it('keeps the order, and stops where nothing is heard', async () => {
    const { outbox, store } = setUp()
    for (let i = 0; i < 250; i++) outbox.add(letter(`${i}`))
    await Promise.all([outbox.deliver(), outbox.deliver()])
    expect(store.tries).toHaveLength(100)
    store.isThere = true
    await outbox.deliver()
    expect(store.heard).toEqual(Array.from({ length: 250 }, (_, i) => `${i}`))
  })

  it('gives up what is half a minute old, and tells how many', async () => {
    const { outbox, store } = setUp()
    outbox.add(letter('a'))
    await vi.advanceTimersByTimeAsync(10_000)
    outbox.add(letter('b'))
    await vi.advanceTimersByTimeAsync(19_999)
    expect(store.told).toEqual([])
    await vi.advanceTimersByTimeAsync(501)
    expect(store.told).toEqual([[1, 1]])
    store.isThere = true
    await vi.advanceTimersByTimeAsync(500)
    expect(store.heard).toEqual(['b'])
  })

  it('is bounded: the oldest goes, and losses are told, not each of them', async () => {
    const { outbox, store } = setUp()
    for (let i = 0; i < 1003; i++) outbox.add(letter(`${i}`))
    await vi.advanceTimersByTimeAsync(500)
    expect(store.told).toEqual([[3, 3]])
    for (let i = 0; i < 2; i++) outbox.add(letter(`more ${i}`))
    await vi.advanceTimersByTimeAsync(9000)
    expect(store.told).toEqual([[3, 3]])
    await vi.advanceTimersByTimeAsync(1000)
    expect(store.told).toEqual([
      [3, 3],
      [2, 5],
    ])
    outbox.add(letter('one more'))
    store.isThere = true
    await outbox.deliver()
    expect(store.heard).toHaveLength(1000)
    expect(store.heard[0]).toBe('6')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(store.told.at(-1)).toEqual([1, 6])
    expect(vi.getTimerCount()).toBe(0)
  })
})
