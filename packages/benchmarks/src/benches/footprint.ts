import { type Bench, type Row, rowOf, type Table } from '../bench.js'
import { type Child, interleave, start } from '../children.js'
import type { Named } from '../subjects.js'

const ROUNDS = 7
export const KEYS = 1_000_000
export const FEW = 1_000

const PROGRAM = new URL('footprint-child.ts', import.meta.url)
const FLOOR = 'lru-cache get + set'

/** What one process finds out about its subject. */
export interface Footprint {
  readonly bytesPerKey: number
  readonly insertMs: number
  readonly longestMs: number
  /** Left by `FEW` keys. */
  readonly timers: number
}

export const footprint: Bench = {
  name: 'footprint',
  async run(subjects) {
    const able = subjects.filter(({ subject }) => subject.memory !== undefined)
    const measured = able.filter(({ subject }) => (subject.memory?.most?.keys ?? KEYS) >= KEYS)
    const rounds = await interleave(
      measured.map(({ id }) => fresh(id)),
      ROUNDS,
    )

    const table = (title: string, unit: Table['unit'], of: (found: Footprint) => number, floor?: string) => ({
      title,
      unit,
      better: 'less' as const,
      ...(floor !== undefined && { floor }),
      rows: able.map((named): Row => {
        const own = rounds[measured.indexOf(named)]
        if (own !== undefined) return { ...rowOf(named), samples: own.map(of) }
        return { ...rowOf(named), samples: [], note: `left out: ${named.subject.memory?.most?.because}` }
      }),
    })
    return [
      table('heap per key, 1,000,000 keys', 'B', ({ bytesPerKey }) => bytesPerKey, FLOOR),
      table('insert of 1,000,000 keys', 'ms', ({ insertMs }) => insertMs, FLOOR),
      table('longest of 1,000 insertions in a row', 'ms', ({ longestMs }) => longestMs, FLOOR),
      table('timers left by 1,000 keys', 'timers', ({ timers }) => timers),
    ]
  },
}

/** Each round in a process of its own: a heap that was full once is not what it was. */
function fresh(id: Named['id']): Child<Footprint> {
  return {
    async prepare() {},
    async round() {
      const [rounds = []] = await interleave([start<Footprint>(PROGRAM, id)], 1)
      return rounds[0] as Footprint
    },
    async stop() {},
  }
}
