import { type Bench, type Row, rowOf, type Table } from '../bench.js'
import { type Child, interleave, start } from '../children.js'
import type { Framework } from '../subject.js'
import type { Named } from '../subjects.js'
import { type Hits, type Load, startLoad } from './http-load.js'

const ROUNDS = 7
const ROUND_MS = 1_500
const WARM_MS = 1_000

const PROGRAM = new URL('http-child.ts', import.meta.url)

/** So much that nobody is refused, however fast; and so little that nearly everybody is. */
const LIMITS = { allowed: 1_000_000_000, refused: 1 }
type Outcome = keyof typeof LIMITS

/** Where a server listens, and what it has worked so far. */
export interface Reading {
  readonly port: number
  readonly processorMs: number
}

interface Round extends Hits {
  readonly processorMs: number
}

const BARE = 'bare framework'
const BY_HAND = 'headers by hand'

const TITLES: Readonly<Record<Framework, string>> = { express: 'Express', koa: 'Koa', hono: 'Hono' }

/** One for each framework, with results of its own: one may be measured without the others. */
export const http: readonly Bench[] = (['express', 'koa', 'hono'] as const).map((framework) => ({
  name: `http-${framework}`,
  run: (subjects) => measure(framework, subjects),
}))

async function measure(framework: Framework, subjects: readonly Named[]): Promise<Table[]> {
  const runners = subjects.flatMap((named) => {
    const { algorithm, http } = named.subject
    if (http?.[framework] === undefined) return []
    // What limits nothing does the same, whatever the limit is.
    const outcomes: Outcome[] = algorithm === 'none' ? ['allowed'] : ['allowed', 'refused']
    return outcomes.map((outcome) => ({ named, outcome }))
  })
  const load = startLoad()
  const rounds = await interleave(
    runners.map(({ named, outcome }) =>
      underLoad(start<Reading>(PROGRAM, named.id, framework, `${LIMITS[outcome]}`), load),
    ),
    ROUNDS,
  )
  load.stop()

  const rows = runners.map(({ named, outcome }, i) => {
    return { outcome, row: rowFrom(named, framework, rounds[i] ?? []) }
  })
  const rowsOf = (wanted: Outcome) =>
    rows.filter(({ outcome, row }) => outcome === wanted || row.subject === BARE).map(({ row }) => row)
  const shared = { unit: '1/s', better: 'more', floor: BARE } as const
  return [
    { ...shared, title: `${TITLES[framework]}, allowed`, besides: BY_HAND, rows: rowsOf('allowed') },
    { ...shared, title: `${TITLES[framework]}, refused`, rows: rowsOf('refused') },
  ]
}

/** A server that is sent requests for a while in each round. */
function underLoad(server: Child<Reading>, load: Load): Child<Round> {
  return {
    async prepare() {
      await server.prepare()
      const { port } = await server.round()
      await load.hit({ port, ms: WARM_MS })
    },
    async round() {
      const before = await server.round()
      const hits = await load.hit({ port: before.port, ms: ROUND_MS })
      const after = await server.round()
      return { ...hits, processorMs: after.processorMs - before.processorMs }
    },
    stop: () => server.stop(),
  }
}

function rowFrom(named: Named, framework: Framework, rounds: readonly Round[]): Row {
  const admitted = rounds.reduce((sum, round) => sum + round.admitted, 0)
  const refused = rounds.reduce((sum, round) => sum + round.refused, 0)
  const note = named.subject.http?.notes?.[framework]
  return {
    ...rowOf(named),
    samples: rounds.map((round) => (1_000 * (round.admitted + round.refused)) / round.processorMs),
    admitted: admitted / (admitted + refused),
    ...(note !== undefined && { note }),
  }
}
