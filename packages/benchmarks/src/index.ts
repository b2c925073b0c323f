import type { Bench } from './bench.js'
import { costs } from './benches/costs.js'
import { footprint } from './benches/footprint.js'
import { http } from './benches/http.js'
import { memory } from './benches/memory.js'
import { redis } from './benches/redis.js'
import { scale } from './benches/scale.js'
import { facts } from './facts/facts.js'
import { write } from './report/write.js'
import { allSubjects } from './subjects.js'

const benches: readonly (Bench | typeof facts)[] = [memory, footprint, redis, costs, scale, ...http, facts]

/** `http` is all of `http-express`, `http-koa` and `http-hono`. */
const isOf = (wanted: string, { name }: { readonly name: string }) =>
  name === wanted || name.startsWith(`${wanted}-`)

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !benches.some((bench) => isOf(name, bench)))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${benches.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}

const subjects = await allSubjects()
for (const bench of benches.filter((one) => wanted.length === 0 || wanted.some((name) => isOf(name, one)))) {
  console.error(`${bench.name} ...`)
  const started = performance.now()
  const content = 'report' in bench ? await bench.report() : write(bench, await bench.run(subjects))
  console.log(`${content}\n`)
  console.error(`${bench.name} took ${Math.round((performance.now() - started) / 1000)} s`)
}
// A subject may have a timer that would keep this process.
process.exit()
