import { describe, expect, it, vi } from 'vitest'
import { SpillwayError, show } from './errors.js'

describe('SpillwayError', () => {
  const cause = new TypeError('deep')
  const error = new SpillwayError('KEY_INVALID', 'Pass a key.', { cause })

  it('is an error with a code, what to do, and why', () => {
    expect(error).toBeInstanceOf(Error)
    expect(error).toBeInstanceOf(SpillwayError)
    expect(error).toMatchObject({ name: 'SpillwayError', code: 'KEY_INVALID', cause })
    expect(error.message).toBe('Pass a key. [KEY_INVALID]')
    expect(error.stack).toContain('SpillwayError: Pass a key.')
  })

  it('is the fault of the server, for frameworks that ask', () => {
    expect(error).toMatchObject({ status: 500, expose: false })
  })

  it('is known to another copy of this package, both ways', async () => {
    vi.resetModules()
    const copy = await import('./errors.js')
    expect(copy.SpillwayError).not.toBe(SpillwayError)
    expect(error).toBeInstanceOf(copy.SpillwayError)
    expect(new copy.SpillwayError('KEY_INVALID', '')).toBeInstanceOf(SpillwayError)
  })

  it.each([new Error('no'), { code: 'KEY_INVALID' }, null, undefined, 'KEY_INVALID', 0])(
    '%s is none',
    (value) => {
      expect(value instanceof SpillwayError).toBe(false)
    },
  )

  it('adds nothing that serializers would show', () => {
    expect(Object.keys(error)).toEqual(['name', 'code', 'status', 'expose'])
  })
})

describe('show', () => {
  it.each([
    ['text', '"text"'],
    ['', '""'],
    ['a "quote"', '"a \\"quote\\""'],
    ['x'.repeat(61), `"${'x'.repeat(57)}..."`],
    [1.5, '1.5'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [10n, '10n'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [[1], 'an array'],
    [{}, 'an object'],
    [() => 1, 'a function'],
    [Symbol('s'), 'Symbol(s)'],
  ])('%s', (value, expected) => {
    expect(show(value)).toBe(expected)
  })
})
