// Joins the twins of core's algorithms, the decision around them and this store into the one script that is sent to Redis.
// `pnpm lua` writes src/script.gen.ts; with --check it only tells whether that file is up to date.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const here = (path) => new URL(path, import.meta.url)
const core = here('../core/src/')
const target = here('src/script.gen.ts')

/** Without comments and indentation, which Redis would have to keep. */
function source(url) {
  const lines = readFileSync(url, 'utf8').split('\n')
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('--'))
}

const twins = readdirSync(new URL('algorithms', core), { recursive: true })
  .filter((file) => file.endsWith('.lua') && file !== 'algorithm.lua')
  .sort()

const script = [
  ...source(new URL('algorithms/algorithm.lua', core)),
  ...twins.flatMap((file) => ['do', ...source(new URL(`algorithms/${file}`, core)), 'end']),
  ...source(new URL('transition.lua', core)),
  ...source(here('src/store.lua')),
].join('\n')

const module = `// Joined by join-lua.mjs from the .lua files of packages/core and packages/redis. Do not edit: write \`pnpm lua\`.

export const SHA1 = '${createHash('sha1').update(script).digest('hex')}'

export const SCRIPT = \`${script.replace(/[\\`]|\$(?=\{)/g, '\\$&')}\`
`

if (!process.argv.includes('--check')) writeFileSync(target, module)
else if (readFileSync(target, 'utf8') !== module) {
  console.error('packages/redis/src/script.gen.ts is stale: write `pnpm --filter @spillway/redis lua`.')
  process.exitCode = 1
}
