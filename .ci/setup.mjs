import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Installs and builds what `npm run demo` and `npm test` need; with `runtimes`, also the 350 MB of other
 * runtimes, and the libraries that we are measured against.
 * Silent unless a step fails; resolves to its exit code.
 */
export async function setUp({ runtimes = false } = {}) {
  const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  const pnpm = (...args) => run('npx', ['-y', packageManager, ...args], { quiet: true })

  console.error('Installing and building ...')
  const filter = runtimes ? [] : ['--filter', '!@spillway/runtimes', '--filter', '!@spillway/benchmarks']
  return (await pnpm('install', '--frozen-lockfile', ...filter)) || (await pnpm('build'))
}

/**
 * Runs a program and resolves to its exit code, or 1 where there is none.
 * A `quiet` program is heard only when it fails; `onMessage` hears what the program sends by `process.send`.
 */
export function run(command, args, { quiet = false, onMessage, ...options } = {}) {
  const output = quiet ? 'pipe' : 'inherit'
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['inherit', output, output, onMessage ? 'ipc' : 'ignore'],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
    // `npx` is a .cmd file on Windows, which only a shell can start.
    shell: process.platform === 'win32' && command === 'npx',
    ...options,
  })
  const heard = []
  child.stdout?.on('data', (chunk) => heard.push(chunk))
  child.stderr?.on('data', (chunk) => heard.push(chunk))
  if (onMessage) child.on('message', onMessage)

  // A terminal sends SIGINT to the child as well; let the child decide how to end.
  const interrupt = () => {}
  const terminate = () => child.kill('SIGTERM')
  process.on('SIGINT', interrupt).on('SIGTERM', terminate)

  return new Promise((resolve) => {
    child.on('error', (error) => heard.push(Buffer.from(`${command}: ${error.message}\n`)))
    child.on('close', (code) => {
      process.off('SIGINT', interrupt).off('SIGTERM', terminate)
      if (code !== 0) process.stderr.write(Buffer.concat(heard))
      resolve(code ?? 1)
    })
  })
}
