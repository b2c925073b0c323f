import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { createJudge } from './judge.js'

const SOURCE = 'export const half = (n) => Math.floor(n / 2)\n'
const TEST = `
import { expect, it } from 'vitest'
import { half } from './half.mjs'
it('halves', () => expect(half(4)).toBe(2))
it('rounds down', () => expect(half(5)).toBe(2))
`

const root = realpathSync(mkdtempSync(join(tmpdir(), 'spillway-judge-')))
symlinkSync(
  fileURLToPath(new URL('../node_modules', import.meta.url)),
  join(root, 'node_modules'),
  'junction',
)
writeFileSync(join(root, 'half.test.mjs'), TEST)

const judge = createJudge(root)
afterAll(() => {
  judge.close()
  rmSync(root, { recursive: true, force: true })
})

it('judges one change after the other', { timeout: 60_000 }, async () => {
  const verdictOn = (source: string, timeoutMs = 60_000) => {
    writeFileSync(join(root, 'half.mjs'), source)
    return judge.judge({ files: ['half.mjs'], tests: ['half.test.mjs'], runs: 10 }, timeoutMs)
  }
  expect(await verdictOn(SOURCE)).toEqual({ verdict: 'survived', reason: '' })
  expect(await verdictOn(SOURCE.replace('floor', 'ceil'))).toEqual({
    verdict: 'killed',
    reason: 'rounds down',
  })
  expect(await verdictOn(SOURCE.replace('/ 2', '/ 3'))).toEqual({ verdict: 'killed', reason: 'halves' })
  expect(await verdictOn(SOURCE.replace('half', 'third'))).toMatchObject({ verdict: 'killed' })
  expect(await verdictOn(SOURCE.replace('=>', '='))).toMatchObject({ verdict: 'untested' })
  expect(await verdictOn(`${SOURCE}throw new Error('no')`)).toEqual({ verdict: 'untested', reason: 'no' })
  expect(await verdictOn(`${SOURCE}for (;;) {}`, 2000)).toMatchObject({ verdict: 'timeout' })
  expect(await verdictOn(SOURCE)).toMatchObject({ verdict: 'survived' })
})

it('forgets a change that was undone', { timeout: 60_000 }, async () => {
  const request = { tests: ['half.test.mjs'], runs: 10 }
  writeFileSync(join(root, 'half.mjs'), SOURCE.replace('floor', 'ceil'))
  expect(await judge.judge({ ...request, files: ['half.mjs'] }, 60_000)).toMatchObject({ verdict: 'killed' })
  writeFileSync(join(root, 'half.mjs'), SOURCE)
  expect(await judge.judge({ ...request, files: ['other.mjs'] }, 60_000)).toMatchObject({
    verdict: 'survived',
  })
})

it('judges by nothing but tests', { timeout: 60_000 }, async () => {
  const { verdict } = await judge.judge({ files: ['half.mjs'], tests: ['half.mjs'], runs: 10 }, 60_000)
  expect(verdict).toBe('untested')
})

it('judges by no test that is skipped', { timeout: 60_000 }, async () => {
  const skipping = createJudge(root)
  writeFileSync(join(root, 'skipped.test.mjs'), "import { it } from 'vitest'\nit.skip('halves', () => {})\n")
  const request = { files: ['half.mjs'], tests: ['half.test.mjs', 'skipped.test.mjs'], runs: 10 }
  expect(await skipping.judge(request, 60_000)).toEqual({
    verdict: 'untested',
    reason: 'skipped.test.mjs skips all its tests here: something that they need is missing.',
  })
  skipping.close()
})
