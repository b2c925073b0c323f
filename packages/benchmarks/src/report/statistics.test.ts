import { expect, test } from 'vitest'
import { differences, median, ratios, spread } from './statistics.js'

test('The median is the middle of the values in order, or half way between the two middle ones', () => {
  expect(median([9, 1, 10])).toBe(9)
  expect(median([4, 1, 100, 2])).toBe(3)
  expect(median([7])).toBe(7)
  expect(median([])).toBeNaN()
})

test('A spread leaves the samples in the order of their rounds', () => {
  const samples = [3, 1, 2]
  expect(spread(samples)).toEqual({ median: 2, min: 1, max: 3 })
  expect(samples).toEqual([3, 1, 2])
})

test('What is compared is a round with the same round of the other', () => {
  // The machine was slower from round to round. The medians themselves have the ratio 4 / 3.
  const [ours, theirs] = [
    [2, 4, 18],
    [1, 3, 9],
  ]
  expect(ratios(ours, theirs)).toEqual([2, 4 / 3, 2])
  expect(spread(ratios(ours, theirs)).median).toBe(2)
  expect(differences(ours, theirs)).toEqual([1, 1, 9])
})

test('Rounds that do not belong together are not compared', () => {
  expect(() => ratios([1, 2], [1])).toThrow('2 rounds and 1')
})
