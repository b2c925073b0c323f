import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { binaryOf } from './binary.js'
import { bundle } from './bundle.js'
import type { Result } from './inside/run.js'

/** Milliseconds that a runtime may take for all. */
export const PATIENCE = 900_000

/** Runs test files in a runtime that is a program: what it prints are the results. */
export async function runIn(runtime: 'bun' | 'deno', files: readonly string[]): Promise<Result[]> {
  const module = await bundle(runtime, { entry: 'process', files, conditions: [runtime, 'node'], node: true })
  const args = runtime === 'deno' ? ['run', '--allow-all', '--no-config', module] : ['run', module]
  const options = { timeout: PATIENCE, maxBuffer: Number.POSITIVE_INFINITY }
  const { stdout } = await promisify(execFile)(binaryOf(runtime), args, options)
  return JSON.parse(stdout)
}
