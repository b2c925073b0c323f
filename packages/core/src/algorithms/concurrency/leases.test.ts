import { describe, expect, it } from 'vitest'
import type { Lease, Op, State } from '../algorithm.js'
import { leases } from './leases.js'

const LEASE = 10_000
const algorithm = leases(LEASE, () => {})
const { renew, release } = algorithm.lease as Lease

function op(id: number, cost = 1, limit = 5): Op {
  return { policy: 0, key: 'k', cost, limit, fits: true, id }
}

/** Three leases, of which the second was taken by a clock set back. */
function three(): State {
  const state = algorithm.empty()
  algorithm.charge(state, op(7, 2), 1000)
  algorithm.charge(state, op(8), 500)
  algorithm.charge(state, op(9), 2000)
  return state
}

describe('the state of leases', () => {
  it('is the units of all, and each lease by its end: first the one that ends first', () => {
    expect(algorithm.empty()).toEqual([0])
    expect(three()).toEqual([4, 10_500, 1, 8, 11_000, 2, 7, 12_000, 1, 9])
  })

  it('lists those that end together in the order in which they were taken', () => {
    const state = three()
    algorithm.charge(state, op(4), 1000)
    expect(state).toEqual([5, 10_500, 1, 8, 11_000, 2, 7, 11_000, 1, 4, 12_000, 1, 9])
  })

  it('keeps what has ended until another one is taken', () => {
    const state = three()
    expect(algorithm.admits(state, op(0, 4), 11_000)).toBe(true)
    expect(algorithm.admits(state, op(0, 5), 11_000)).toBe(false)
    expect(algorithm.reply(state, op(0, 0), 11_000)).toEqual([1, 0, 12_000])
    expect(state).toHaveLength(10)
    algorithm.charge(state, op(4), 11_000)
    expect(state).toEqual([2, 12_000, 1, 9, 21_000, 1, 4])
    algorithm.charge(state, op(5, 3), 21_000)
    expect(state).toEqual([3, 31_000, 3, 5])
  })

  it('has a lease that is renewed behind those that end before it', () => {
    const state = three()
    expect(renew(state, op(7), 10_999)).toBe(true)
    expect(state).toEqual([4, 10_500, 1, 8, 12_000, 1, 9, 20_999, 2, 7])
    // Not even its own clock set back makes it end later than it says.
    expect(renew(state, op(7), 1500)).toBe(true)
    expect(state).toEqual([4, 10_500, 1, 8, 11_500, 2, 7, 12_000, 1, 9])
  })

  it('is not changed by renewing what has ended, or was never there', () => {
    const state = three()
    expect([renew(state, op(7), 11_000), renew(state, op(10_500), 0)]).toEqual([false, false])
    expect(state).toEqual(three())
  })

  it('loses a lease that is released, ended or not, once', () => {
    const state = three()
    expect([release(state, op(8), 20_000), release(state, op(8), 20_000)]).toEqual([true, false])
    expect(state).toEqual([3, 11_000, 2, 7, 12_000, 1, 9])
    for (const noId of [11_000, 2, 12_000, 1]) expect(release(state, op(noId), 0)).toBe(false)
    expect([release(state, op(9), 0), release(state, op(7), 0)]).toEqual([true, true])
    expect(state).toEqual([0])
  })

  it('means the same however long a lease is, though a pool has leases of one length', () => {
    const longer = leases(2 * LEASE, () => {})
    expect(longer.identity).toBe(algorithm.identity)
    expect(longer.configuration).not.toBe(algorithm.configuration)
  })

  it('lets leases end one lease from now where the clock was set back by more than a minute', () => {
    const state = three()
    algorithm.charge(state, op(1), -50_000)
    const before = [5, -40_000, 1, 1, 10_500, 1, 8, 11_000, 2, 7, 12_000, 1, 9]
    expect(state).toEqual(before)
    expect(algorithm.rebase(state, op(0), 12_000 - LEASE - 60_000)).toBe(false)
    expect(state).toEqual(before)
    expect(algorithm.rebase(state, op(0), 10_500 - LEASE - 60_000)).toBe(true)
    expect(state).toEqual([5, -49_500, 2, 7, -49_500, 1, 9, -40_000, 1, 1, 10_500, 1, 8])
  })
})

describe('what a state of leases says', () => {
  it('is what is held, by whose end there is room, and by whose end all is free', () => {
    const state = three()
    const replyTo = (cost: number, now = 2000) => algorithm.reply(state, op(0, cost), now)
    expect([1, 2, 3, 4, 5].map((cost) => replyTo(cost))).toEqual([
      [4, 0, 12_000],
      [4, 10_500, 12_000],
      [4, 11_000, 12_000],
      [4, 11_000, 12_000],
      [4, 12_000, 12_000],
    ])
    expect(replyTo(1, 12_000)).toEqual([0, 0, 0])
    expect(algorithm.reply([0], op(0), 5)).toEqual([0, 0, 0])
  })

  it('is read as a wait, which no cost that never fits has', () => {
    const reply = [4, 10_500, 12_000]
    const read = (own: Partial<Op>) => algorithm.read(reply, { ...op(0, 2), ...own }, 2000, false)
    expect(read({})).toEqual({
      limit: 5,
      windowMs: LEASE,
      used: 4,
      remaining: 1,
      resetMs: 10_000,
      waitMs: 8500,
      delayMs: 0,
    })
    expect(read({ cost: 1 }).waitMs).toBe(0)
    expect(read({ fits: false }).waitMs).toBeNull()
    expect(read({ limit: 3 }).remaining).toBe(0)
    expect(algorithm.read([0, 0, 0], op(0), 2000, false)).toMatchObject({ resetMs: 0, waitMs: 0 })
  })

  it('is drained when the last lease has ended, and holds for no moment', () => {
    expect([11_999, 12_000].map((now) => algorithm.drained(three(), now))).toEqual([false, true])
    expect(algorithm.drained([0], 0)).toBe(true)
    expect(algorithm.holds([4, 10_500, 12_000])).toBe(Number.NEGATIVE_INFINITY)
  })
})
