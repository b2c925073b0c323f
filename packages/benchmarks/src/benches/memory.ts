import type { Bench, Row, Table } from '../bench.js'
import { rowOf } from '../bench.js'
import { type Child, interleave, start } from '../children.js'
import type { Named } from '../subjects.js'
import { type Answers, answersOf } from './answers.js'
import { type Round, SCENARIOS, type Scenario } from './memory-scenarios.js'

const ROUNDS = 11
const PROGRAM = new URL('memory-child.ts', import.meta.url)

/** Beside three policies in one decision its own single one, in the same rounds. */
const ALONE = 'spillway tokenBucket'

interface Runner {
  readonly named: Named
  readonly label: string
  readonly scenario: string
}

export const memory: Bench = {
  name: 'memory',
  async run(subjects) {
    const able = subjects.filter(({ subject }) => subject.memory !== undefined)
    const answers = await answersOf(able)
    const tables: Table[] = []
    for (const scenario of SCENARIOS) tables.push(await measure(scenario, able, answers))
    return tables
  },
}

async function measure(
  scenario: Scenario,
  subjects: readonly Named[],
  answers: ReadonlyMap<Named, Answers>,
): Promise<Table> {
  const runners: Runner[] = []
  for (const named of subjects) {
    const { name, memory } = named.subject
    if (scenario.keys > (memory?.most?.keys ?? Number.POSITIVE_INFINITY)) continue
    runners.push({ named, label: name, scenario: scenario.title })
    if (scenario.limits.length > 1 && name === ALONE) {
      runners.push({ named, label: `${name}, one policy`, scenario: (SCENARIOS[0] as Scenario).title })
    }
  }
  const children = runners.map((one): Child<Round> => start(PROGRAM, one.named.id, one.scenario))
  const rounds = await interleave(children, ROUNDS)
  const leftOut = subjects.filter((named) => !runners.some((one) => one.named === named))
  return {
    title: scenario.title,
    unit: 'ns',
    better: 'less',
    floor: 'hand-written on a Map',
    rows: [
      ...runners.map((runner, i) => rowFrom(runner, rounds[i] ?? [], answers.get(runner.named))),
      ...leftOut.map((named): Row => {
        return { ...rowOf(named), samples: [], note: `left out: ${named.subject.memory?.most?.because}` }
      }),
    ],
  }
}

const NOTES: Readonly<Record<Exclude<Answers, 'right'>, string>> = {
  'of later': 'wrong under await: its result goes on counting',
  "another's": 'wrong under await: one result for all keys',
}

function rowFrom({ named, label }: Runner, rounds: readonly Round[], answers: Answers = 'right'): Row {
  const asked = rounds.reduce((sum, round) => sum + round.asked, 0)
  const admitted = rounds.reduce((sum, round) => sum + round.admitted, 0)
  return {
    ...rowOf(named),
    subject: label,
    samples: rounds.map(({ ns, asked }) => ns / asked),
    admitted: admitted / asked,
    ...(answers !== 'right' && { wrong: true, note: NOTES[answers] }),
  }
}
