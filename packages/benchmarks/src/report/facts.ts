import { readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'

/** Where and with what it was measured: enough to judge the figures by, and nothing that names the machine. */
export interface Facts {
  readonly day: string
  readonly node: string
  readonly cpu: string
  readonly cores: number
  readonly versions: Readonly<Record<string, string>>
}

export function facts(): Facts {
  return {
    day: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    versions: versions(),
  }
}

/** Of all that takes part, as installed. */
function versions(): Record<string, string> {
  const { dependencies } = manifest('..') as { dependencies: Record<string, string> }
  return Object.fromEntries(
    Object.keys(dependencies).map((name) => [name, String(manifest(`../node_modules/${name}`)['version'])]),
  )
}

function manifest(folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../${folder}/package.json`, import.meta.url), 'utf8'))
}
