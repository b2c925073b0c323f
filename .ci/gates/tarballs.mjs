import { readdirSync, readFileSync } from 'node:fs'
import { root } from '../setup.mjs'
import { pnpm } from './exec.mjs'

/** The published packages of a workspace: the folder and the manifest of each. */
export function packagesOf(workspace = root) {
  return readdirSync(`${workspace}/packages`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${workspace}/packages/${entry.name}`)
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) }))
    .filter(({ manifest }) => !manifest.private)
}

/** Packs them as they would be published. Answers the tarball of each, by its name. */
export async function pack(destination, workspace = root) {
  const packages = packagesOf(workspace).map(({ manifest }) => manifest)
  const filters = packages.flatMap(({ name }) => ['--filter', name])
  await pnpm(['-r', ...filters, 'pack', '--pack-destination', destination], workspace)
  return Object.fromEntries(
    packages.map(({ name, version }) => [
      name,
      `${destination}/${name.slice(1).replace('/', '-')}-${version}.tgz`,
    ]),
  )
}
