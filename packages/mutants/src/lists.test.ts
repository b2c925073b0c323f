import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { lists } from './lists/index.js'
import { mutate } from './mutant.js'

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

describe.each(lists)('the mutants of $file', ({ file, tests, changes }) => {
  const source = readFileSync(at(file), 'utf8')

  it('are found in it, each once', () => {
    for (const change of changes) expect(mutate(source, change)).not.toBe(source)
  })

  it('are different ones, and say so', () => {
    expect(new Set(changes.map(([breaks]) => breaks)).size).toBe(changes.length)
    expect(new Set(changes.map((change) => mutate(source, change))).size).toBe(changes.length)
  })

  it('are judged by tests that exist', () => {
    expect(tests.filter((path) => !existsSync(at(path)))).toEqual([])
  })
})
