import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyWorkspace } from './copy.js'
import { createJudge, type Judge, type Request, type Verdict } from './judge.js'
import { lists } from './lists/index.js'
import { type Change, type Mutants, mutate } from './mutant.js'

/** Runs of each property: few first, which most mutants do not survive. */
const FEW = 10
const MANY = 100

const root = fileURLToPath(new URL('../../..', import.meta.url))

interface Mutant {
  readonly list: Mutants
  readonly change: Change
  readonly source: string
  readonly mutated: string
}

const started = performance.now()
const wanted = process.argv.slice(2)
const chosen = lists.filter(({ file }) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
if (chosen.length === 0) fail(`There are mutants of:\n${lists.map(({ file }) => file).join('\n')}`)

// All are made before any is judged, so that a list that went stale is known at once.
const mutants = (await Promise.all(chosen.map(mutantsOf))).flat()
const copies = Array.from({ length: availableParallelism() }, () => copyWorkspace(root))
const judges = (await Promise.all(copies)).map(createJudge)
process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143))
process.on('exit', () => {
  for (const judge of judges) {
    judge.close()
    rmSync(judge.root, { recursive: true, force: true })
  }
})

/** How long the tests of a list take with nothing changed. */
const usualMs = new Map<Mutants, number>()
await inParallel(chosen, async (list, judge) => {
  const before = performance.now()
  const { verdict, reason } = await judge.judge({ ...requestOf(list), runs: MANY }, 600_000)
  if (verdict !== 'survived')
    fail(`The tests of ${list.file} fail with nothing changed (${verdict}):\n${reason}`)
  usualMs.set(list, performance.now() - before)
})

const counts: Record<Verdict, number> = { killed: 0, timeout: 0, survived: 0, untested: 0 }
await inParallel(mutants, async ({ list, change, source, mutated }, judge) => {
  await write(list, judge.root, mutated)
  const timeoutMs = 15_000 + 4 * (usualMs.get(list) as number)
  const request = requestOf(list)
  let { verdict, reason } = await judge.judge({ ...request, runs: FEW }, timeoutMs)
  if (verdict === 'survived') ({ verdict, reason } = await judge.judge({ ...request, runs: MANY }, timeoutMs))
  await write(list, judge.root, source)
  counts[verdict]++
  console.log(`${verdict.padEnd(9)} ${list.file}: ${change[0]}`)
  if (verdict === 'untested') console.log(reason)
})

const seconds = Math.round((performance.now() - started) / 1000)
const { killed, timeout, survived, untested } = counts
console.log(
  `\n${mutants.length} mutants: ${killed + timeout} killed (${timeout} by a timeout), ${survived} survived, ` +
    `${untested} untested, in ${seconds} s`,
)
process.exit(survived + untested > 0 ? 1 : 0)

async function mutantsOf(list: Mutants): Promise<Mutant[]> {
  const source = await readFile(join(root, list.file), 'utf8')
  try {
    return list.changes.map((change) => ({ list, change, source, mutated: mutate(source, change) }))
  } catch (error) {
    return fail(`${list.file}: ${(error as Error).message}`)
  }
}

function requestOf({ file, tests, generates }: Mutants): Omit<Request, 'runs'> {
  return { files: generates ? [file, generates.file] : [file], tests }
}

/** Writes the source into a copy, and what is made of it. */
async function write({ file, generates }: Mutants, copy: string, source: string): Promise<void> {
  await writeFile(join(copy, file), source)
  if (generates) execFileSync(process.execPath, [join(copy, generates.by)])
}

/** One task at a time for each judge. */
async function inParallel<T>(tasks: readonly T[], work: (task: T, judge: Judge) => Promise<void>) {
  const queue = tasks.values()
  await Promise.all(
    judges.map(async (judge) => {
      for (const task of queue) await work(task, judge)
    }),
  )
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
