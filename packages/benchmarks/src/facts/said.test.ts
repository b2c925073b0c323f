import { expect, test } from 'vitest'
import { together } from './said.js'

test('What is the same of several is said once, and of which only where they differ', () => {
  const [memory, redis] = [
    ['memory', '19'],
    ['Redis', '10'],
  ] as const
  expect(together([memory, ['cached', '19']])).toBe('19')
  expect(together([memory, redis])).toBe('19 (memory); 10 (Redis)')
  expect(together([memory, redis, ['cached', '19']])).toBe('19 (memory, cached); 10 (Redis)')
})
