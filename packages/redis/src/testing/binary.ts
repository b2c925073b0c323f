import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The server to test with: `REDIS_SERVER_BIN`, or else the first on PATH. */
export function findServer(): string | undefined {
  return process.env['REDIS_SERVER_BIN'] || onPath('redis-server') || onPath('valkey-server')
}

export function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find(existsSync)
}

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/spillway-redis', import.meta.url))

/**
 * Unpacks Debian's server into a folder of ours, which needs no root and installs nothing. Kept for the next time.
 * @throws where there is no apt, no network or no such package
 */
export function fetchServer(): string {
  const server = join(CACHE, 'redis-server')
  if (existsSync(server)) return server
  const folder = `${CACHE}.${process.pid}`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'lists/partial'), { recursive: true })
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    // Lists of our own: an image often comes without any, and those of the system are root's.
    const own = ['-o', `Dir::State::Lists=${folder}/lists`, '-o', `Dir::Cache=${folder}`]
    run('apt-get', ...own, 'update')
    const needs = run('apt-cache', ...own, 'depends', 'redis-tools')
    // Ubuntu's server has Lua's libraries apart.
    const libraries = needs.matchAll(/ Depends: ((?:lib(?!c6)|lua-)\S+)/g)
    run(
      'apt-get',
      ...own,
      'download',
      'redis-server',
      'redis-tools',
      ...[...libraries].map(([, name]) => name as string),
    )
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
      run('dpkg', '-x', file, 'root')
      rmSync(join(folder, file))
    }
    const inside = readdirSync(join(folder, 'root/usr/lib'), { withFileTypes: true })
    const triplet = inside.find((entry) => entry.isDirectory() && entry.name.endsWith('-linux-gnu'))
    const root = '$(dirname "$0")/root/usr'
    const script = `#!/bin/sh\nLD_LIBRARY_PATH="${root}/lib/${triplet?.name}" exec "${root}/bin/redis-server" "$@"\n`
    writeFileSync(join(folder, 'redis-server'), script)
    chmodSync(join(folder, 'redis-server'), 0o755)
    run(join(folder, 'redis-server'), '--version')
    rmSync(join(folder, 'lists'), { recursive: true, force: true })
    renameSync(folder, CACHE)
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(server)) throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return server
}
