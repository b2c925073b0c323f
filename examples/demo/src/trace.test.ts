import { expect, test } from 'vitest'
import { atMost } from './oracles.js'
import { generatedTrace } from './trace.js'

test('the generated trace is in order, never changes, and is refused as often as the real log', () => {
  const requests = generatedTrace()
  expect(requests).toEqual(generatedTrace())
  expect(requests).toHaveLength(10_000)
  expect(requests.map(({ time }) => time)).toEqual(requests.map(({ time }) => time).toSorted((a, b) => a - b))

  const admitted = new Map<string, number[]>()
  const refused = requests.filter(({ address, time }) => {
    const own = admitted.get(address) ?? []
    const admits = atMost(5, 10_000).admits(own, time)
    if (admits) admitted.set(address, [...own, time])
    return !admits
  })
  expect(refused.length / requests.length).toBeCloseTo(0.076, 2)
})
