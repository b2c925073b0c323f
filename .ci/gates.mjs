// What must hold of the packages as they are published. `node .ci/gates.mjs size knip` tries only these.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import attw from './gates/attw.mjs'
import consumers from './gates/consumers.mjs'
import knip from './gates/knip.mjs'
import publint from './gates/publint.mjs'
import release from './gates/release.mjs'
import size from './gates/size.mjs'
import { pack } from './gates/tarballs.mjs'
import { setUp } from './setup.mjs'

const GATES = { publint, attw, knip, size, consumers, release }

if ((await setUp()) !== 0) process.exit(1)
const scratch = realpathSync(mkdtempSync(`${tmpdir()}/spillway-gates-`))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(GATES)
const tarballs = await pack(`${scratch}/tarballs`)
for (const name of names) await open(name)

async function open(name) {
  const started = performance.now()
  const failures = []
  /** Does one thing that must work; what fails is shown with its title, and the gate goes on. */
  async function attempt(title, work) {
    try {
      return await work()
    } catch (error) {
      failures.push(`${title}: ${error.message}`)
      return undefined
    }
  }
  const folder = `${scratch}/${name}`
  mkdirSync(folder)
  const note = await attempt(name, () => GATES[name]({ tarballs, scratch: folder, attempt }))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `${failures.length ? 'FAIL' : 'ok  '} ${name.padEnd(10)}${seconds.padStart(6)} s  ${note ?? ''}`,
  )
  for (const failure of failures) console.log(`     ${failure.replaceAll('\n', '\n     ')}`)
  if (failures.length) process.exitCode = 1
}
