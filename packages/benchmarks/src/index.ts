import type { Bench } from './bench.js'
import { footprint } from './benches/footprint.js'
import { memory } from './benches/memory.js'
import { write } from './report/write.js'
import { allSubjects } from './subjects.js'

const benches: readonly Bench[] = [memory, footprint]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${benches.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}

const subjects = await allSubjects()
for (const bench of benches.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  console.error(`${bench.name} ...`)
  const started = performance.now()
  const tables = await bench.run(subjects)
  console.log(`${write(bench, tables)}\n`)
  console.error(`${bench.name} took ${Math.round((performance.now() - started) / 1000)} s`)
}
// A subject may have a timer that would keep this process.
process.exit()
