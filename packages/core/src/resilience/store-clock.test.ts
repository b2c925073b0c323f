import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { check, holds, SEEDED } from '../testing/check.js'
import { StoreClock } from './store-clock.js'

const NOW = Date.UTC(2030, 0, 1)

beforeEach(() => vi.useFakeTimers({ now: NOW, toFake: ['Date'] }))
afterEach(() => vi.useRealTimers())

describe("a store's clock", () => {
  it('is ours until it was heard', () => {
    expect(new StoreClock().now()).toBe(NOW)
  })

  it.each([5000, -5000])('is %i ms ahead, as far as it was heard', (ahead) => {
    const clock = new StoreClock()
    clock.heard(NOW + ahead, NOW - 2, NOW)
    expect(clock.now() - NOW - ahead).toBeGreaterThanOrEqual(0)
    expect(clock.now() - NOW - ahead).toBeLessThanOrEqual(2)
  })

  it('is known better with each answer, and no worse for one that was read late', () => {
    const clock = new StoreClock()
    clock.heard(NOW + 5000, NOW, NOW)
    for (const [sent, read] of [
      [0, 300],
      [300, 0],
      [300, 300],
    ] as const) {
      clock.heard(NOW + 5000, NOW - sent, NOW + read)
      expect(clock.now()).toBe(NOW + 5000)
    }
  })

  it('is followed when it, or ours, is set', () => {
    const clock = new StoreClock()
    for (const ahead of [5000, -70_000, 3]) {
      clock.heard(NOW + ahead, NOW, NOW)
      expect(clock.now()).toBe(NOW + ahead)
    }
  })

  it(`is never missed by more than the quickest answer since took ${SEEDED}`, async () => {
    const delay = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1000 }))
    const answers = fc.array(fc.record({ sending: delay, reading: delay }), { minLength: 1 })
    await check(fc.record({ ahead: fc.integer(), answers }), async ({ ahead, answers }) => {
      const clock = new StoreClock()
      let quickest = Number.POSITIVE_INFINITY
      for (const { sending, reading } of answers) {
        clock.heard(NOW + ahead, NOW - sending, NOW + reading)
        quickest = Math.min(quickest, sending + reading)
        holds(Math.abs(clock.now() - NOW - ahead) <= quickest, 'missed')
      }
    })
  })
})
