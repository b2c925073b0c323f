import { describe, expect, it, vi } from 'vitest'
import { Breaker } from './breaker.js'

/** One that has just begun to leave the store alone, at 0, and when it lets a probe go. */
function open(random = 0): { breaker: Breaker; probeAt: number } {
  const breaker = new Breaker()
  const spy = vi.spyOn(Math, 'random').mockReturnValue(random)
  for (let i = 0; i < 5; i++) breaker.failed(0, 0)
  spy.mockRestore()
  return { breaker, probeAt: breaker.waitMs(0) }
}

describe('a breaker', () => {
  it('opens at the fifth failure in a row, and says so once', () => {
    const breaker = new Breaker()
    const said = [1, 2, 3, 4, 5, 6, 7].map((now) => breaker.failed(0, now))
    expect(said).toEqual([false, false, false, false, true, false, false])
    expect(breaker.allows(7)).toBe(false)
  })

  it('lets all go while fewer have failed', () => {
    const breaker = new Breaker()
    for (let i = 0; i < 4; i++) breaker.failed(0, 0)
    expect([breaker.allows(0), breaker.allows(0), breaker.waitMs(0)]).toEqual([true, true, 0])
  })

  it('counts failures in a row only', () => {
    const breaker = new Breaker()
    for (let i = 0; i < 9; i++) {
      breaker.failed(0, 0)
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
    for (let i = 0; i < 4; i++) expect(breaker.failed(probeAt, probeAt)).toBe(false)
    expect(breaker.failed(probeAt, probeAt)).toBe(true)
  })

  it('pauses again when the probe fails, without a word', () => {
    const { breaker, probeAt } = open()
    breaker.allows(probeAt)
    const now = probeAt + 50
    expect(breaker.failed(probeAt, now)).toBe(false)
    expect([breaker.allows(now + 399), breaker.allows(now + 800)]).toEqual([false, true])
  })

  it('learns nothing from one that was sent before and fails late', () => {
    const { breaker, probeAt } = open()
    expect(breaker.failed(0, 300)).toBe(false)
    expect(breaker.waitMs(0)).toBe(probeAt)
    breaker.allows(probeAt)
    expect(breaker.failed(0, probeAt + 10)).toBe(false)
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
