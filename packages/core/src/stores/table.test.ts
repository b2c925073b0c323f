import TinyQueue from 'tinyqueue'
import { describe, expect, it, vi } from 'vitest'
import { tokenBucket } from '../algorithms/token-bucket/token-bucket.js'
import { Table } from './table.js'

const HOUR = 3_600_000
const NOW = Date.UTC(2024, 4, 1)
const { algorithm } = tokenBucket({ limit: 1, window: '1h' })

const setUp = (maxKeys: number) => new Table(algorithm, maxKeys)
const charged = () => [HOUR, NOW, 1]
const drained = () => [0, NOW, 1]

describe('live keys', () => {
  it('go when they were not asked for the longest', () => {
    const table = setUp(2)
    table.add('a', charged(), NOW)
    table.add('b', charged(), NOW)
    table.get('a')
    table.add('c', charged(), NOW)
    expect(['a', 'b', 'c'].map((key) => table.get(key) !== undefined)).toEqual([true, false, true])
  })

  it.each([
    [7, 0],
    [8, 1],
  ])('%i before a drained one cost %i of them', (live, evictedLive) => {
    const table = setUp(live + 1)
    for (let i = 0; i < live; i++) table.add(`live${i}`, charged(), NOW)
    table.add('drained', drained(), NOW)
    table.add('fresh', charged(), NOW)
    expect(table.stats()).toMatchObject({ keys: live + 1, evictedLive })
  })
})

describe('refused keys', () => {
  const kept = (table: ReturnType<typeof setUp>, ...keys: string[]) =>
    keys.filter((key) => table.get(key) !== undefined)

  it('keep the longer of two waits when the clock is set back', () => {
    const table = setUp(2)
    table.refuse('twice', charged(), NOW + 4000, NOW)
    table.refuse('twice', charged(), NOW + 1000, NOW)
    const then = NOW - HOUR
    table.refuse('shorter', charged(), then + 2000, then)
    table.refuse('new', charged(), then + 4000, then)
    expect(kept(table, 'twice', 'shorter', 'new')).toEqual(['twice', 'new'])
  })

  it('keep their ends when the clock is set back by no more than a minute', () => {
    const table = setUp(1)
    table.refuse('ahead', charged(), NOW + 4000, NOW)
    const then = NOW - 60_000
    table.refuse('behind', charged(), then + 10_000, then)
    expect(kept(table, 'ahead', 'behind')).toEqual(['ahead'])
  })

  it('go at the end to which theirs was moved', () => {
    const table = setUp(1)
    table.refuse('moved', charged(), NOW + 1000, NOW)
    table.refuse('moved', charged(), NOW + 4000, NOW)
    table.refuse('between', charged(), NOW + 3000, NOW)
    expect(kept(table, 'moved', 'between')).toEqual(['moved'])
    table.refuse('later', charged(), NOW + 6000, NOW + 2000)
    expect(kept(table, 'moved', 'later')).toEqual(['later'])
  })

  it('leave no ends behind that grow without bound', () => {
    const push = vi.spyOn(TinyQueue.prototype, 'push')
    const table = setUp(10)
    for (let now = NOW; now < NOW + 1000; now++) {
      table.refuse('k', charged(), now + 1000, now)
      table.release('k', now)
    }
    const lengths = push.mock.contexts.map((ends) => (ends as TinyQueue<unknown>).length)
    push.mockRestore()
    expect(lengths.length).toBe(1000)
    expect(Math.max(...lengths)).toBeLessThan(20)
  })
})
