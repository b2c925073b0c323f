import { serve } from '../child.js'
import type { Asked, Memory } from '../subject.js'
import { answerTo, isAsync } from './asking.js'
import { keysOf, randomSequence } from './keys.js'
import { type Round, SCENARIOS, type Scenario } from './memory-scenarios.js'
import { processorMs } from './processor-time.js'
import { stack } from './stack.js'

const ROUND_MS = 40
const WARM_MS = 300
/** A power of two, so that a place in the sequence is found by a mask. */
const SEQUENCE = 2 ** 20
const MASK = SEQUENCE - 1

/** The newest results. They are kept, so that none is optimised away. */
const kept: unknown[] = new Array(8).fill(0)

let at = 0

function askSync({ ask, allowed }: Asked, sequence: readonly string[], times: number): number {
  let admitted = 0
  const end = at + times
  for (let i = at; i < end; i++) {
    const result = ask(sequence[i & MASK] as string)
    kept[i & 7] = result
    if (allowed(result)) admitted++
  }
  at = end
  return admitted
}

async function askAsync(
  { ask, allowed }: Asked,
  sequence: readonly string[],
  times: number,
): Promise<number> {
  let admitted = 0
  const end = at + times
  for (let i = at; i < end; i++) {
    let result: unknown
    try {
      result = await ask(sequence[i & MASK] as string)
    } catch (refusal) {
      result = refusal
    }
    kept[i & 7] = result
    if (allowed(result)) admitted++
  }
  at = end
  return admitted
}

await serve(async (subject, [title]): Promise<() => Promise<Round>> => {
  const memory = subject.memory as Memory
  const scenario = SCENARIOS.find((one) => one.title === title) as Scenario
  const asked = make(memory, scenario)

  const keys = keysOf(scenario.keys)
  for (const key of keys) await answerTo(asked, key)
  const sequence = randomSequence(keys, SEQUENCE)
  const loop = isAsync(asked) ? askAsync : askSync

  async function time(times: number) {
    const started = processorMs()
    const admitted = await loop(asked, sequence, times)
    return { ns: (processorMs() - started) * 1e6, asked: times, admitted }
  }

  // It runs in pieces of the length that a round will have, so that it is warm for just that.
  let times = 1_000
  for (const until = processorMs() + WARM_MS; processorMs() < until; ) {
    const { ns } = await time(times)
    times = Math.max(1, Math.ceil((times * ROUND_MS * 1e6) / Math.max(ns, 1e5)))
  }
  return () => time(times)
})

function make(memory: Memory, { limits }: Scenario): Asked {
  const [first] = limits
  if (limits.length === 1 && first !== undefined) return memory.make(first)
  return memory.makeSeveral?.(limits) ?? stack(limits.map((each) => memory.make(each)))
}
