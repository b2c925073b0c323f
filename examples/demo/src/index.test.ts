import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spillway-demo-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs the demo as `npm run demo -- ...args` does. */
async function demo(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/index.ts', ...args], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, stdout, stderr }
}

async function file(name: string, lines: readonly string[]): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, lines.join('\n'))
  return path
}

const request = (second: number) =>
  `203.0.113.7 - - [17/May/2015:10:05:0${second} +0000] "GET /page HTTP/1.1" 200 512 "-" "Mozilla/5.0"`

describe('the demo', { timeout: 30_000 }, () => {
  test('explains itself', async () => {
    const { code, stdout } = await demo('--help')
    expect(code).toBe(0)
    expect(stdout).toContain('npm run demo -- --log FILE')
  })

  test.each([['--colour'], ['--log'], ['file.log']])('does not guess what %s means', async (...args) => {
    const { code, stderr } = await demo(...args)
    expect(code).toBe(2)
    expect(stderr).toContain('npm run demo -- --log FILE')
  })

  test('replays a log through all three adapters, and counts what it left out', async () => {
    const log = await file('access.log', [request(3), 'hello', ...[1, 2, 2, 2, 9, 9].map(request)])
    const { code, stdout, stderr } = await demo('--log', log)
    expect(stdout).toContain('7 requests of 1 address, 17 May 2015 10:05 to 17 May 2015 10:05 UTC')
    expect(stdout).toMatch(/203\.0\.113\.7 +7 +5 +2/)
    expect(stdout).toContain('decided alike on every request: 5 admitted, 2 refused (28.6 %)')
    expect(stderr).toContain('Left out 1 of 8 lines')
    expect(stderr).toContain('The first is line 2: hello')
    expect(code).toBe(0)
  })

  test.each([
    ['there is no such file', () => join(folder, 'nowhere.log')],
    ['it is a folder', () => folder],
  ])('says of a log that it cannot read: %s', async (reason, path) => {
    const { code, stderr } = await demo('--log', path())
    expect(stderr).toContain(`Cannot read ${path()}: ${reason}.`)
    expect(code).toBe(1)
  })

  test('shows how a log looks, when none of the lines does', async () => {
    const { code, stderr } = await demo('--log', await file('poem.txt', ['Roses are red,']))
    expect(stderr).toContain('holds no request in the combined log format')
    expect(code).toBe(1)
  })
})
