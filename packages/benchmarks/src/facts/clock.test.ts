import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Clock, installClock } from './clock.js'

let clock: Clock
beforeEach(() => {
  clock = installClock()
})
afterEach(() => clock.uninstall())

const iso = (ms: number) => new Date(ms).toISOString()

function spin(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test('Held clocks stand still, are set forward together, and go on from there', () => {
  const before = Date.now()
  clock.hold()
  const [date, ticks, pair] = [Date.now(), process.hrtime.bigint(), process.hrtime()]
  spin(3)
  expect([Date.now(), new Date().toISOString()]).toEqual([date, iso(date)])
  const later = process.hrtime.bigint() - ticks
  expect(later).toBeGreaterThan(0n)
  expect(later).toBeLessThan(100_000n)
  expect(date).toBeGreaterThanOrEqual(before)

  clock.skip(1_234)
  expect([Date.now(), new Date().toISOString()]).toEqual([date + 1_234, iso(date + 1_234)])
  const [seconds, rest] = process.hrtime(pair)
  expect(seconds).toBe(1)
  expect(Math.abs(rest - 234e6)).toBeLessThan(100_000)

  clock.release()
  spin(3)
  expect(Date.now()).toBeGreaterThanOrEqual(date + 1_234 + 3)
  expect(Date.now()).toBeLessThan(date + 1_234 + 1_000)
})

test('What was read before the clocks were held is not later than what is read then', () => {
  for (let i = 0; i < 100; i++) {
    const before = process.hrtime()
    clock.hold()
    const [seconds, rest] = process.hrtime(before)
    expect(seconds * 1e9 + rest).toBeGreaterThanOrEqual(0)
    clock.release()
  }
})

test('A date that is given is that date', () => {
  clock.skip(60_000)
  expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z')
  expect(new Date() instanceof Date).toBe(true)
})
