import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { root } from '../setup.mjs'

const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))

/** Runs a program to its end, and resolves to what it wrote; rejects with that when it fails. */
export function exec(command, args, cwd = root) {
  // `npx` and `npm` are .cmd files on Windows, which only a shell can start.
  const shell = process.platform === 'win32' && command.startsWith('np')
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, shell, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`.trim()))
      else resolve(stdout)
    })
  })
}

/** A program of the workspace's own tools, or of another folder's. */
export function node(program, args, cwd) {
  return exec(process.execPath, [program, ...args], cwd)
}

export function pnpm(args, cwd) {
  return exec('npx', ['-y', packageManager, ...args], cwd)
}

/** Does the work for every item, as many at once as there are processors. */
export async function each(items, work) {
  const queue = [...items]
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
}
