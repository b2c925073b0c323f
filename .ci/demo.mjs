import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { root, run, setUp } from './setup.mjs'

process.exitCode = (await setUp()) || (await demo())

function demo() {
  const folder = `${root}/examples/demo`
  const tsx = pathToFileURL(createRequire(`${folder}/package.json`).resolve('tsx'))
  const args = ['--import', tsx.href, `${folder}/src/index.ts`, ...process.argv.slice(2)]
  // A file named on the command line is relative to where the command was typed.
  return run(process.execPath, args, { cwd: process.env.INIT_CWD ?? process.cwd() })
}
