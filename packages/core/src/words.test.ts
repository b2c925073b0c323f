import { describe, expect, it } from 'vitest'
import { length, nearly, span, wait } from './words.js'

describe('a time in words', () => {
  it.each([
    [1, '1 ms', '1 ms', '1 ms', '1 ms'],
    [999, '999 ms', '999 ms', '999 ms', '999 ms'],
    [1000, '1 second', 'second', '1 second', '1 s'],
    [1001, '1001 ms', '1001 ms', '2 seconds', '1.1 s'],
    [12_340, '12340 ms', '12340 ms', '13 seconds', '12.4 s'],
    [60_000, '1 minute', 'minute', '1 minute', '60 s'],
    [90_000, '90 seconds', '90 seconds', '90 seconds', '90 s'],
    [119_999, '119999 ms', '119999 ms', '120 seconds', '120 s'],
    [120_000, '2 minutes', '2 minutes', '2 minutes', '2 minutes'],
    [3_600_000, '1 hour', 'hour', '1 hour', '1 hour'],
    [86_400_000, '1 day', 'day', '1 day', '1 day'],
    [23.5 * 86_400_000, '564 hours', '564 hours', '24 days', '24 days'],
  ])('%i ms', (ms, exactly, per, waits, near) => {
    expect([length(ms), span(ms), wait(ms), nearly(ms)]).toEqual([exactly, per, waits, near])
  })
})
