import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { needsOf } from './needs.js'
import { ROOT } from './suites.js'

/** All modules that a package ships, and all types. */
function built(name: string): string[] {
  const folder = join(ROOT, 'packages', name, 'dist')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files.filter((file) => /\.[cm](js|ts)$/.test(file)).map((file) => join(folder, file))
}

it.each([
  ['core', ['ipaddr.js', 'lru-cache']],
  [
    'hono',
    ['@spillway/core', '@spillway/core/http', 'hono', 'hono/adapter', 'hono/http-exception', 'hono/route'],
  ],
])('%s as built imports its few packages, and nothing of Node', (name, imports) => {
  const files = built(name)
  expect(files.length).toBeGreaterThanOrEqual(4)
  expect(needsOf(files)).toEqual({ imports, globals: [] })
})

it('would see what is of Node', () => {
  const folder = mkdtempSync(join(tmpdir(), 'needs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'module.mjs')
  writeFileSync(
    file,
    `import { readFileSync } from 'node:fs'
    export * from 'os'
    export const net = () => import('net')
    export const path = require('path')
    export const seen = [readFileSync, process.env, Buffer.from(''), __dirname]`,
  )
  const imports = ['net', 'node:fs', 'os', 'path']
  expect(needsOf([file])).toEqual({ imports, globals: ['Buffer', '__dirname', 'process', 'require'] })
})
