import { expect, it } from 'vitest'

it('has nothing of Node', () => {
  const names = ['process', 'Buffer', 'global', 'require', 'setImmediate']
  expect(names.filter((name) => name in globalThis)).toEqual([])
})
