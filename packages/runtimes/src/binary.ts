import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Where a program is in the package of this platform that its npm package brings: no install script need run. */
export function binaryOf(name: 'bun' | 'deno' | 'workerd'): string {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
  const require = createRequire(manifest)
  const { optionalDependencies } = JSON.parse(readFileSync(manifest, 'utf8'))
  const file = process.platform === 'win32' ? `${name}.exe` : name
  for (const platform of Object.keys(optionalDependencies)) {
    try {
      const folder = dirname(require.resolve(`${platform}/package.json`))
      return join(folder, name === 'deno' ? '' : 'bin', file)
    } catch {
      // Of another platform.
    }
  }
  throw new Error(`${name} has no package for this platform`)
}
