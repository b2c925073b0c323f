import { describe, expect, it, vi } from 'vitest'
import { Breaker } from './breaker.js'

const gone = new Error('gone')

/** One that has just begun to leave the store alone, at 0, and when it lets a probe go. */
function open(random = 0): { breaker: Breaker; probeAt: number } {
  const breaker = new Breaker()
  const spy = vi.spyOn(Math, 'random').mockReturnValue(random)
  for (let i = 0; i < 5; i++) breaker.failed(gone, 0, 0)
  spy.mockRestore()
  return { breaker, probeAt: breaker.waitMs(0) }
}

describe('a breaker', () => {
  it('opens at the fifth failure in a row: one outage, with what it began with', () => {
    const breaker = new Breaker()
    const outages = [1, 2, 3, 4, 5, 6, 7].map((now) => {
      breaker.failed(now === 1 ? gone : new Error('gone as well'), 0, now)
      return breaker.outage
    })
    expect(outages.slice(0, 4)).toEqual(Array(4).fill(undefined))
    expect(outages[4]?.cause).toBe(gone)
    expect(new Set(outages.slice(4)).size).toBe(1)
    expect(breaker.allows(7)).toBe(false)
  })

  it('lets all go while fewer have failed', () => {
    const breaker = new Breaker()
    for (let i = 0; i < 4; i++) breaker.failed(gone, 0, 0)
    expect([breaker.allows(0), breaker.allows(0), breaker.waitMs(0)]).toEqual([true, true, 0])
  })

  it('counts once what failed for many that were under way together', () => {
    const breaker = new Breaker()
    for (let i = 0; i < 4; i++) {
      const cause = new Error('gone')
      for (let caller = 0; caller < 8; caller++) breaker.failed(cause, 100 * i, 100 * i + 50)
    }
    expect(breaker.outage).toBeUndefined()
    breaker.failed(gone, 400, 450)
    expect(breaker.outage).toBeDefined()
  })

  it.each<[string, unknown]>([
    ['the same error', gone],
    ['nothing', undefined],
  ])('counts each time what fails by %s again and again', (_, cause) => {
    const breaker = new Breaker()
    for (let i = 0; i < 5; i++) breaker.failed(cause, 100 * i, 100 * i + 50)
    expect(breaker.outage).toBeDefined()
  })

  it('counts each that was under way at the same time and failed by itself', () => {
    const breaker = new Breaker()
    for (let i = 0; i < 5; i++) breaker.failed(new Error(`no answer ${i}`), i, 50 + i)
    expect(breaker.outage).toBeDefined()
  })

  it('counts failures in a row only', () => {
    const breaker = new Breaker()
    for (let i = 0; i < 9; i++) {
      breaker.failed(gone, 0, 0)
      if (i % 4 === 3) breaker.succeeded()
    }
    expect(breaker.allows(0)).toBe(true)
  })

  it.each([
    [0, 400],
    [0.5, 600],
    [0.999, 799.6],
  ])('pauses 400 to 800 ms: with %d by chance, %d', (random, pause) => {
    const { breaker, probeAt } = open(random)
    expect(probeAt).toBeCloseTo(pause)
    expect([breaker.allows(pause - 1), breaker.allows(pause + 0.001)]).toEqual([false, true])
    expect(breaker.waitMs(pause - 100)).toBeCloseTo(100)
  })

  it('lets one probe go at a time', () => {
    const { breaker, probeAt } = open()
    expect([probeAt, probeAt, probeAt + 10_000].map((now) => breaker.allows(now))).toEqual([
      true,
      false,
      false,
    ])
    expect(breaker.waitMs(probeAt + 10_000)).toBe(0)
  })

  it('closes when the probe succeeds, and counts to five again', () => {
    const { breaker, probeAt } = open()
    breaker.allows(probeAt)
    breaker.succeeded()
    expect([breaker.allows(probeAt), breaker.allows(probeAt), breaker.waitMs(probeAt)]).toEqual([
      true,
      true,
      0,
    ])
    expect(breaker.outage).toBeUndefined()
    const again = new Error('gone again')
    for (let i = 0; i < 4; i++) breaker.failed(again, probeAt, probeAt)
    expect(breaker.outage).toBeUndefined()
    breaker.failed(gone, probeAt, probeAt)
    expect(breaker.outage?.cause).toBe(again)
  })

  it('pauses again when the probe fails: the outage is the same', () => {
    const { breaker, probeAt } = open()
    const { outage } = breaker
    breaker.allows(probeAt)
    const now = probeAt + 50
    breaker.failed(gone, probeAt, now)
    expect(breaker.outage).toBe(outage)
    expect([breaker.allows(now + 399), breaker.allows(now + 800)]).toEqual([false, true])
  })

  it('learns nothing from one that was sent before and fails late', () => {
    const { breaker, probeAt } = open()
    breaker.failed(gone, 0, 300)
    expect(breaker.waitMs(0)).toBe(probeAt)
    breaker.allows(probeAt)
    breaker.failed(gone, 0, probeAt + 10)
    // The probe is still under way.
    expect(breaker.allows(probeAt + 2000)).toBe(false)
    breaker.succeeded()
    expect(breaker.allows(probeAt + 2000)).toBe(true)
  })

  it('closes when one that was sent before succeeds late', () => {
    const { breaker } = open()
    breaker.succeeded()
    expect(breaker.allows(1)).toBe(true)
  })
})
