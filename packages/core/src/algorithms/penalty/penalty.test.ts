import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../limiter.js'
import type { PolicyOptions } from '../../policy.js'
import { penaltyKind } from '../../testing/kinds.js'
import { testProperties } from '../../testing/properties.js'
import { scriptedStore } from '../../testing/scripted-store.js'
import { testVectors } from '../../testing/vectors.js'
import { transition } from '../../transition.js'
import { fixedWindow } from '../fixed-window/fixed-window.js'
import { slidingLog } from '../sliding-log/sliding-log.js'
import { slidingWindow } from '../sliding-window/sliding-window.js'
import { spikeArrest } from '../spike-arrest/spike-arrest.js'
import { penalty } from './penalty.js'
import { penaltyVectors } from './penalty.vectors.js'

const NOW = Date.UTC(2030)
const TERMS = { first: '30s', max: '1h' } as const
const pace = (options: PolicyOptions = {}) =>
  penalty(slidingWindow({ limit: 2, window: '1s', ...options }), TERMS)
const month = slidingWindow({ limit: 1, window: '30d' })

describe('penalty', () => {
  testVectors(penaltyVectors)
  testProperties(penaltyKind)

  it('tells of the one that runs, and of none before and after', () => {
    let now = NOW
    const limiter = createLimiter({ policies: { pace: pace() }, clock: () => now })
    const told = () => limiter.consumeSync('k', { cost: 2 }).policies.pace.penalty
    const seen = [0, 10, 1000, 30_000 - 1010, 10, 60_000 - 10].map((step) => {
      now += step
      return told()
    })
    expect(seen).toEqual([
      undefined,
      { endsInMs: 30_000, offences: 1 },
      { endsInMs: 29_000, offences: 1 },
      { endsInMs: 10, offences: 1 },
      undefined,
      undefined,
    ])
    expect(told()).toEqual({ endsInMs: 60_000, offences: 2 })
  })

  it('keeps what its policy is', () => {
    const options = { hidden: true, shadow: true, code: 'THROTTLED', unit: 'points' } as const
    const own = slidingWindow({ limit: 2, window: '1s', ...options })
    expect(penalty(own, TERMS)).toMatchObject({ ...options, limit: 2, chargeRefused: false })
    const spike = createLimiter({ policies: { spike: penalty(spikeArrest('5ps'), TERMS) } })
    expect(() => spike.consumeSync('k', { limit: 3 })).toThrow('has a fixed rate')
  })

  it('begins for what its policy refused, and not for what another did', () => {
    const limiter = createLimiter({ policies: { pace: pace(), month }, clock: () => NOW })
    limiter.consumeSync('k')
    for (let i = 0; i < 5; i++) {
      const { policy, policies } = limiter.consumeSync('k')
      expect([policy, policies.pace.allowed, policies.pace.penalty]).toEqual(['month', true, undefined])
    }
    expect(limiter.consumeSync('k', { cost: { pace: 2 } }).policies.pace).toMatchObject({
      allowed: false,
      used: 1,
      penalty: { offences: 1 },
    })
  })

  it('refuses nobody in the shadow, and tells whom it would', () => {
    const limiter = createLimiter({ policies: { pace: pace({ shadow: true }) }, clock: () => NOW })
    const seen = [1, 2, 3].map(() => limiter.consumeSync('k'))
    expect(seen.map(({ allowed }) => allowed)).toEqual([true, true, true])
    expect(seen[2]?.policies.pace).toMatchObject({ allowed: false, retryAfterMs: 30_000 })
  })

  describe('and its state', () => {
    const op = { policy: 0, key: 'k', cost: 2, limit: 2, fits: true }
    const { algorithm } = pace()
    const write = (state: number[], now: number) =>
      transition([{ ...pace(), name: 'pace' }], [op], 'consume', [state], now).writes[0]

    it('is written when it begins, and not while it runs', () => {
      expect(write([2, NOW, 2, 0, 0], NOW)).toEqual([2, NOW, 2, NOW + 30_000, 1])
      expect(write([2, NOW, 2, NOW + 30_000, 1], NOW + 1)).toBeUndefined()
    })

    it('is written when either part of it is carried over to a clock that was set back', () => {
      expect(algorithm.rebase([1, NOW, 1, 0, 0], op, NOW - 60_001)).toBe(true)
      const both = [0, 0, 0, NOW + 30_000, 1]
      expect(algorithm.rebase(both, op, NOW - 60_001)).toBe(true)
      expect(both).toEqual([0, 0, 0, NOW - 30_001, 1])
      expect(algorithm.rebase([1, NOW, 1, NOW + 30_000, 1], op, NOW - 60_000)).toBe(false)
    })

    it('is drained when nothing is charged and nothing remembered', () => {
      const remembered = [2, NOW, 2, NOW + 30_000, 1]
      expect(algorithm.drained(remembered, NOW + 3_629_999)).toBe(false)
      expect(algorithm.drained(remembered, NOW + 3_630_000)).toBe(true)
      expect(algorithm.drained([2, NOW, 2, 0, 0], NOW + 999)).toBe(false)
      expect(algorithm.drained([2, NOW, 2, 0, 0], NOW + 1000)).toBe(true)
    })
  })

  it('does not begin because what a reservation produces finds no room', async () => {
    const limiter = createLimiter({ policies: { pace: pace() }, clock: () => NOW })
    const held = await limiter.reserve('k')
    expect(await held.meter(3)).toBe(false)
    expect(limiter.consumeSync('k').allowed).toBe(true)
  })

  it('is refused without asking the store while it runs, and the next is asked for', async () => {
    let now = NOW
    const store = scriptedStore()
    const limiter = createLimiter({
      name: 'n',
      policies: { pace: pace() },
      store,
      clock: () => now,
      denyCache: '1h',
    })
    await limiter.consume('k', { cost: 2 })
    const seen: unknown[] = []
    // Its own time, the policy's window, and the penalty's end.
    for (const step of [0, 1, 998, 1, 28_998, 1, 1, 1]) {
      now += step
      const { source, retryAfterMs } = await limiter.consume('k')
      seen.push([source, retryAfterMs])
    }
    expect(seen).toEqual([
      ['store', 30_000],
      ['deny-cache', 29_999],
      ['deny-cache', 29_001],
      ['store', 29_000],
      ['deny-cache', 2],
      ['deny-cache', 1],
      ['store', 0],
      ['store', 0],
    ])
    expect(await limiter.consume('k')).toMatchObject({ source: 'store', retryAfterMs: 60_000 })
  })

  it('begins again for who asks after its end and before the stated wait, cached or not', async () => {
    let now = NOW
    const policies = { hour: penalty(fixedWindow({ limit: 1, window: '1h' }), { first: '1s', max: '1m' }) }
    const all = { name: 'n', policies, store: scriptedStore(), clock: () => now, denyCache: '1h' } as const
    const limiter = createLimiter(all)
    await limiter.consume('k')
    const seen: unknown[] = []
    for (const step of [0, 999, 1, 1999, 1]) {
      now += step
      const { source, policies } = await limiter.consume('k')
      seen.push([source, policies.hour.penalty])
    }
    expect(seen).toEqual([
      ['store', { endsInMs: 1000, offences: 1 }],
      ['deny-cache', { endsInMs: 1, offences: 1 }],
      ['store', { endsInMs: 2000, offences: 2 }],
      ['deny-cache', { endsInMs: 1, offences: 2 }],
      ['store', { endsInMs: 4000, offences: 3 }],
    ])
  })

  it('tells no cost the wait of another', async () => {
    let now = NOW
    const policies = { log: penalty(slidingLog({ limit: 3, window: '1m' }), { first: '10s', max: '1m' }) }
    const limiter = createLimiter({
      name: 'n',
      policies,
      store: scriptedStore(),
      clock: () => now,
      denyCache: '1h',
    })
    await limiter.consume('k')
    now += 30_000
    await limiter.consume('k', { cost: 2 })
    expect((await limiter.consume('k')).retryAfterMs).toBe(30_000)
    now += 1
    expect((await limiter.consume('k', { cost: 2 })).retryAfterMs).toBe(59_999)
  })

  it('is remembered by the fallback of the process that saw all of it', async () => {
    const store = scriptedStore()
    let now = NOW
    const all = { name: 'n', policies: { pace: pace() }, store, clock: () => now, onError() {} }
    const limiter = createLimiter(all)
    await limiter.consume('k', { cost: 2 })
    await limiter.consume('k')
    now += 5000
    store.does = () => {
      throw new Error('gone')
    }
    expect(await limiter.peek('k')).toMatchObject({ source: 'local', retryAfterMs: 25_000 })
  })

  it('is not charged by the fallback where another process made it begin', async () => {
    const store = scriptedStore()
    const all = {
      name: 'n',
      policies: { pace: pace() },
      store,
      clock: () => NOW,
      denyCache: 0,
      onError() {},
    } as const
    await createLimiter({ ...all, store: { ...store, prepare: store.prepare } }).consume('k', { cost: 2 })
    const limiter = createLimiter(all)
    for (let i = 0; i < 3; i++) expect((await limiter.consume('k')).allowed).toBe(false)
    store.does = () => {
      throw new Error('gone')
    }
    expect(await limiter.peek('k', { cost: 0 })).toMatchObject({ source: 'local', used: 0 })
  })
})
