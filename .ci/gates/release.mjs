import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { root } from '../setup.mjs'
import { exec, node, pnpm } from './exec.mjs'
import { pack, packagesOf } from './tarballs.mjs'

/** A release, in a copy of the workspace and as far as the registry's door. */
export default async function release({ scratch, attempt }) {
  const copy = `${scratch}/workspace`
  const before = packagesOf()
  const names = before.map(({ manifest }) => manifest.name).sort()
  const expected = nextVersion(before[0].manifest.version)

  await attempt('all published packages share one version (.changeset/config.json)', () => {
    const { fixed } = JSON.parse(readFileSync(`${root}/.changeset/config.json`, 'utf8'))
    assert.deepEqual(
      fixed.map((group) => group.toSorted()),
      [names],
    )
  })

  await copyWorkspace(before, copy)
  await node(`${root}/node_modules/@changesets/cli/bin.js`, ['version'], copy)
  await attempt('changeset version', () => {
    const versions = packagesOf(copy).map(({ manifest }) => [manifest.name, manifest.version])
    assert.deepEqual(Object.fromEntries(versions), Object.fromEntries(names.map((name) => [name, expected])))
    assert.deepEqual(changesets(copy), [], 'changesets are left')
  })

  await pnpm(['install', '--frozen-lockfile', '--prefer-offline', '--ignore-scripts'], copy)
  await attempt('pnpm -r publish --dry-run', async () => {
    const said = await pnpm(['-r', 'publish', '--dry-run', '--no-git-checks'], copy)
    const published = [...said.matchAll(/^\+ (\S+)$/gm)].map(([, id]) => id).sort()
    assert.deepEqual(
      published,
      names.map((name) => `${name}@${expected}`),
    )
  })

  for (const [name, tarball] of Object.entries(await pack(scratch, copy))) {
    await attempt(`${name}@${expected}`, () => check(tarball, scratch, expected))
  }
  return `${names.length} packages of version ${expected}`
}

/** As it stands, changes that are not committed too, with what is built, as a repository of its own. */
async function copyWorkspace(packages, copy) {
  const files = await exec('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  const built = packages.map(({ folder }) => `${folder.slice(root.length).replace(/^\//, '')}/dist`)
  for (const file of [...files.split('\0'), ...built].filter(
    (file) => file && existsSync(`${root}/${file}`),
  )) {
    mkdirSync(dirname(`${copy}/${file}`), { recursive: true })
    cpSync(`${root}/${file}`, `${copy}/${file}`, { recursive: true })
  }
  const user = ['-c', 'user.name=release', '-c', 'user.email=release@localhost']
  await exec('git', ['init', '--quiet', '--initial-branch=main'], copy)
  await exec('git', ['add', '--all'], copy)
  await exec('git', [...user, 'commit', '--quiet', '--message=copy'], copy)
}

function changesets(workspace) {
  return readdirSync(`${workspace}/.changeset`).filter((file) => file.endsWith('.md') && file !== 'README.md')
}

/** What the largest bump among the changesets makes of it. */
function nextVersion(version) {
  const texts = changesets(root).map((file) => readFileSync(`${root}/.changeset/${file}`, 'utf8'))
  const bumps = texts.flatMap((text) => [...text.matchAll(/^['"].+['"]: (\w+)$/gm)].map(([, bump]) => bump))
  const [major, minor, patch] = version.split('.').map(Number)
  if (bumps.includes('major')) return `${major + 1}.0.0`
  if (bumps.includes('minor')) return `${major}.${minor + 1}.0`
  return bumps.includes('patch') ? `${major}.${minor}.${patch + 1}` : version
}

const PUBLISHED =
  /^(LICENSE|README\.md|package\.json|dist\/(?!.*\.test).+\.[cm]js|dist\/(?!.*test-d).+\.d\.[cm]ts)$/

/** What is in a tarball. */
async function check(tarball, scratch, version) {
  const read = (file) => exec('tar', ['-xzOf', tarball, `package/${file}`], scratch)
  const listed = await exec('tar', ['-tzf', tarball], scratch)
  const files = listed
    .trim()
    .split('\n')
    .map((file) => file.replace('package/', ''))
  const manifest = JSON.parse(await read('package.json'))

  assert.deepEqual(
    files.filter((file) => !PUBLISHED.test(file)),
    [],
    'files that do not belong',
  )
  const { main, types, exports } = manifest
  const promised = [main, types, ...targets(exports)].filter(Boolean).map((file) => file.replace('./', ''))
  assert.deepEqual(
    promised.filter((file) => !files.includes(file)),
    [],
    'files that are not there',
  )

  assert.ok(
    (await read('LICENSE')).startsWith(readFileSync(`${root}/LICENSE`, 'utf8').trim()),
    'another LICENSE',
  )
  const readme = await read('README.md')
  for (const needed of [`# ${manifest.name}\n`, 'npm install', '```ts']) {
    assert.ok(readme.includes(needed), `README.md lacks ${needed}`)
  }

  assert.equal(manifest.sideEffects, false)
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    if (name.startsWith('@spillway/')) assert.equal(range, `^${version}`, name)
    else assert.match(range, /^\^\d+\.\d+\.\d+( \|\| \^\d+\.\d+\.\d+)*$/, name)
  }
}

/** Every file that `exports` leads to. */
function targets(exports) {
  return typeof exports === 'string' ? [exports] : Object.values(exports).flatMap(targets)
}
