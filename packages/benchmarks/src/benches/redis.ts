import { Redis } from 'ioredis'
import { type Bench, type Row, rowOf, type Table } from '../bench.js'
import { interleave, start } from '../children.js'
import type { Named } from '../subjects.js'
import { FLOOD, type Round, SCENARIOS, type Scenario } from './redis-scenarios.js'
import { type RedisServer, ready, startServer } from './servers.js'

const ROUNDS = 9
const PROGRAM = new URL('redis-child.ts', import.meta.url)
const FLOOR = 'INCR'

export const redis: Bench = {
  name: 'redis',
  async run(subjects) {
    const able = subjects.filter(({ subject }) => subject.redis !== undefined)
    const server = await startServer()
    const tables: Table[] = []
    for (const scenario of SCENARIOS) tables.push(...(await measure(scenario, able, server)))
    await server.stop()
    return tables
  },
}

async function measure(
  { title }: Scenario,
  subjects: readonly Named[],
  { port }: RedisServer,
): Promise<Table[]> {
  await forgetAll(port)
  const children = subjects.map(({ id }) => start<Round>(PROGRAM, id, title, String(port)))
  const rounds = await interleave(children, ROUNDS)
  const rows = (of: (round: Round) => number): Row[] =>
    subjects.map((named, i) => {
      const own = rounds[i] ?? []
      const sum = (of: (round: Round) => number) => own.reduce((sum, round) => sum + of(round), 0)
      const admitted = sum((round) => round.admitted) / sum((round) => round.asked)
      return { ...rowOf(named), samples: own.map(of), admitted }
    })
  const speed: Table = {
    title,
    unit: '1/s',
    better: 'more',
    floor: FLOOR,
    rows: rows(({ asked, ms }) => (asked / ms) * 1_000),
  }
  if (title !== FLOOD) return [speed]
  const commands: Table = {
    title: `${FLOOD}: commands sent for 1,000 decisions`,
    unit: 'commands',
    better: 'less',
    rows: rows(({ commands, asked }) => (1_000 * commands) / asked),
  }
  return [speed, commands]
}

async function forgetAll(port: number): Promise<void> {
  const client = await ready(new Redis(port))
  await client.flushall()
  client.disconnect()
}
