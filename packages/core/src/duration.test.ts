import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { milliseconds } from './duration.js'
import { show } from './errors.js'

describe('a duration', () => {
  it.each([
    ['1ms', 1],
    ['250ms', 250],
    ['10s', 10_000],
    ['10 s', 10_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['366 d', 31_622_400_000],
    ['007s', 7000],
    [1000, 1000],
    [90_000, 90_000],
    [2 ** 51, 2 ** 51],
  ])('%j is %d ms', (value, expected) => {
    expect(milliseconds(value, 'window')).toBe(expected)
  })

  it('is a number and a unit, with a space or none', () => {
    const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
    const unit = fc.constantFrom(...Object.entries(units))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), unit, fc.boolean(), (n, [name, ms], space) => {
        expect(milliseconds(`${n}${space ? ' ' : ''}${name}`, 'window')).toBe(n * ms)
      }),
    )
  })

  // biome-ignore format: one list
  const others: unknown[] = [
    '1w', '1M', '1y', '10 S', '10S', '10  s', '10\ts', '', ' ', 's', 'ms', ' 10s', '10s ', '10', '1.5s', '.5s',
    '1e3ms', '-1s', '+1s', '0s', '0ms', '1s1s', '1h30m', '10sec', '10 seconds', '\u0661s', 'Infinity',
    '99999999999999d', 0, 1, 60, 999, -1, -1000, 1000.5, 2 ** 51 + 1, Number.NaN, Number.POSITIVE_INFINITY,
    null, undefined, true, 10n, {}, ['10s'], new Date(), () => '10s',
  ]

  it.each(others.map((value) => [show(value), value]))('%s is none', (_shown, value) => {
    expect(() => milliseconds(value, 'lease')).toThrow(
      expect.objectContaining({ code: 'WINDOW_INVALID', message: expect.stringContaining('`lease` is ') }),
    )
  })

  it('says what to write instead', () => {
    expect(() => milliseconds('1 year', 'window')).toThrow(
      "`window` is \"1 year\": write '250ms', '10s', '15m', '1h' or '1d', or a whole number of milliseconds.",
    )
    expect(() => milliseconds(60, 'window')).toThrow(
      "`window` is 60: a bare number is milliseconds and must be at least 1000: write '60s' or '60ms'.",
    )
    expect(() => milliseconds(2 ** 52, 'window')).toThrow('must be at most 2251799813685248 ms')
  })

  it.each([
    ['1 minute', '1m'],
    ['15 Minutes', '15m'],
    ['2 mins', '2m'],
    ['10sec', '10s'],
    ['30seconds ', '30s'],
    ['1 hour', '1h'],
    ['7 days', '7d'],
    ['1w', '7d'],
    ['2 Weeks', '14d'],
    ['50 milliseconds', '50ms'],
  ])('reads what people write out, to say how it is written: %j', (value, says) => {
    expect(() => milliseconds(value, 'window')).toThrow(
      `\`window\` is ${JSON.stringify(value)}: write '${says}'.`,
    )
  })

  it.each(['1 month', '1 wink', '2 dogs', '1 mi', '1M', '0 minutes', '10S', '-1 minute'])(
    'guesses at nothing else: %j',
    (value) => {
      expect(() => milliseconds(value, 'window')).toThrow(
        "write '250ms', '10s', '15m', '1h' or '1d', or a whole",
      )
    },
  )

  it('other than a window is an option like others, and rather a short time', () => {
    expect(() => milliseconds(50, 'deadline', 'OPTION_INVALID')).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: expect.stringContaining("must be at least 1000: write '50ms' or '50s'."),
      }),
    )
  })
})
