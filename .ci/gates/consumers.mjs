import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { each, exec, node } from './exec.mjs'
import { packagesOf } from './tarballs.mjs'

const COMPILERS = ['5.4', '5.9', '6.0', '7.0']
const RESOLUTIONS = { node16: 'node16', bundler: 'preserve' }

/** What a program needs beside the package, its peers and, but for core, the types of Node. */
const NEEDS = { hono: ['@hono/node-server@2'] }

/** Whose types name globals of the web: core's an AbortSignal, Hono's own web sockets. */
const WEB = ['core', 'hono']

/** Peers whose own types a compiler refuses: there no declaration is checked, only the program. */
const UNCHECKED = {
  // They write Uint8Array<ArrayBuffer>, which TypeScript 5.7 brought.
  'hono@^4.8.0': ['5.4'],
}

/** ESM only, as Vitest is. */
const ESM_ONLY = ['conformance']

/**
 * What a user does: installs a package, with the newest and the oldest of its peers, compiles a program against its types
 * as ESM and as CommonJS, and runs it.
 */
export default async function consumers({ tarballs, scratch, attempt }) {
  const compilers = `${scratch}/compilers`
  await install(
    compilers,
    COMPILERS.map((version) => `typescript-${version}@npm:typescript@~${version}.0`),
  )
  const programs = packagesOf().flatMap(({ manifest }) => programsOf(manifest))
  let compiled = 0
  let ran = 0

  await each(programs, async ({ manifest, name, peers, versions }) => {
    const title = [manifest.name, ...peers].join(' + ')
    const folder = `${scratch}/${[name, ...peers].join('+').replaceAll('/', '-')}`
    const files = await attempt(title, async () => {
      await install(folder, [
        ...[manifest.name, ...Object.keys(manifest.dependencies ?? {})].flatMap(
          (dependency) => tarballs[dependency] ?? [],
        ),
        ...peers,
        ...(name === 'core' ? [] : ['@types/node@20']),
        ...(NEEDS[name] ?? []),
      ])
      return write(folder, name)
    })

    for (const version of files ? versions : []) {
      const unchecked = peers.some((peer) => UNCHECKED[peer]?.includes(version))
      for (const resolution of Object.keys(RESOLUTIONS)) {
        const args = ['-p', `${resolution}.json`, '--skipLibCheck', String(unchecked)]
        await attempt(`${title}, TypeScript ${version}, ${resolution}`, () =>
          node(`${compilers}/node_modules/typescript-${version}/bin/tsc`, args, folder),
        )
        compiled++
      }
    }
    for (const file of files ?? []) {
      const program = `${folder}/node16/${file.replace(/ts$/, 'js')}`
      const how = file.endsWith('.cts') ? 'required' : 'imported'
      await attempt(`${title}, ${how}`, () => runProgram(program, folder, name))
      ran++
    }
  })
  return `${compiled} compiled, ${ran} ran`
}

/** With the newest of every peer for all compilers, with the oldest for the first and the last of them. */
function programsOf(manifest) {
  const name = manifest.name.split('/')[1]
  const peers = Object.entries(manifest.peerDependencies ?? {}).map(([peer, range]) => [
    peer,
    range.split(' || '),
  ])
  const newest = peers.map(([peer, ranges]) => `${peer}@${ranges.at(-1)}`)
  const oldest = peers.map(([peer, ranges]) => `${peer}@${ranges[0].slice(1)}`)
  const programs = [{ manifest, name, peers: newest, versions: COMPILERS }]
  if (peers.length > 0) {
    programs.push({ manifest, name, peers: oldest, versions: [COMPILERS[0], COMPILERS.at(-1)] })
  }
  return programs
}

/** In a folder of its own, outside the workspace. */
async function install(folder, dependencies) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/package.json`, '{ "private": true }')
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--loglevel=error']
  await exec('npm', ['install', ...quiet, ...dependencies], folder)
}

/** Writes the program, once for each module system, and how to compile it. Answers its files. */
function write(folder, name) {
  const source = fileURLToPath(new URL(`consumers/${name}.ts`, import.meta.url))
  if (!existsSync(source)) throw new Error(`No program uses it: write ${source}.`)
  const files = ESM_ONLY.includes(name) ? ['program.test.mts'] : ['program.mts', 'program.cts']
  for (const file of files) copyFileSync(source, `${folder}/${file}`)

  for (const [moduleResolution, module] of Object.entries(RESOLUTIONS)) {
    const compilerOptions = {
      target: 'es2022',
      lib: WEB.includes(name) ? ['es2022', 'dom'] : ['es2022'],
      types: name === 'core' ? [] : ['node'],
      module,
      moduleResolution,
      outDir: moduleResolution,
      strict: true,
      esModuleInterop: true,
      skipDefaultLibCheck: true,
    }
    writeFileSync(`${folder}/${moduleResolution}.json`, JSON.stringify({ compilerOptions, files }))
  }
  return files
}

/** Asks the program's server; the suite that conformance makes is run by Vitest, which must find its tests. */
async function runProgram(program, folder, name) {
  if (name !== 'conformance')
    return node(fileURLToPath(new URL('consumers/ask.mjs', import.meta.url)), [program])
  const args = ['run', '--root', folder, '--dir', 'node16', '--reporter=json']
  const { numPassedTests } = JSON.parse(await node(`${folder}/node_modules/vitest/vitest.mjs`, args, folder))
  if (numPassedTests < 50) throw new Error(`Only ${numPassedTests} tests passed.`)
  return undefined
}
