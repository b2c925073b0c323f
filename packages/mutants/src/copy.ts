import { cp, mkdtemp, readdir, realpath, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** Neither sources nor tests. Installed packages are linked instead. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage', '.git', '.turbo'])

/** Copies the workspace into a new folder below the system's own for temporary files. */
export async function copyWorkspace(root: string): Promise<string> {
  const copy = await realpath(await mkdtemp(join(tmpdir(), 'spillway-mutants-')))
  await cp(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) })
  for (const folder of ['.', ...(await packagesOf(root))]) {
    await symlink(join(root, folder, 'node_modules'), join(copy, folder, 'node_modules'), 'junction')
  }
  return copy
}

async function packagesOf(root: string): Promise<string[]> {
  const parents = ['packages', 'examples']
  const nested = await Promise.all(
    parents.map(async (parent) => {
      const entries = await readdir(join(root, parent), { withFileTypes: true })
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name))
    }),
  )
  return nested.flat()
}
