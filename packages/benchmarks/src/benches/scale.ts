import { Redis } from 'ioredis'
import type { Bench, Row, Table } from '../bench.js'
import { type Child, interleave, start } from '../children.js'
import { figure } from '../report/markdown.js'
import { median } from '../report/statistics.js'
import type { Round, StoreKind, Task } from './scale-tasks.js'
import { type RedisServer, ready, startCluster, startServer } from './servers.js'

const ROUNDS = 7
const PROGRAM = new URL('scale-child.ts', import.meta.url)
const SUBJECTS: Readonly<Record<StoreKind, string>> = {
  memory: 'ours/token-bucket',
  redis: 'ours/token-bucket-in-redis',
  cluster: 'ours/token-bucket-in-redis',
}
const TASK: Task = { store: 'redis', ports: [], policies: 1, keys: 1, concurrency: 1 }

interface Step {
  readonly label: string
  readonly task: Task
  readonly processes?: number
  /** Whose processor time is told, beside that of the apps. */
  readonly servers?: readonly RedisServer[]
}

/** What the processes of a step did at the same time, and how many processors that took. */
interface Together extends Round {
  readonly apps: number
  readonly redis: number
}

export const scale: Bench = {
  name: 'scale',
  async run() {
    const server = await startServer()
    const cluster = await startCluster({ nodeTimeoutMs: 15_000, replicas: false })
    const busy = { ...TASK, ports: [server.port], keys: 10_000, concurrency: 128 }
    const tables: Table[] = []

    const processes = [1, 2, 4].map((count) => {
      return { label: counted(count, 'process', 'es'), task: busy, processes: count, servers: [server] }
    })
    tables.push(await perSecond('one Redis, by app processes', processes))

    const nodes = { ...busy, store: 'cluster' as const, ports: cluster.servers.map(({ port }) => port) }
    const [one, three] = [
      { processes: 2, servers: [server] },
      { processes: 2, servers: cluster.servers },
    ]
    tables.push(
      await perSecond('a Cluster of three masters, and one Redis; two app processes', [
        { label: 'one Redis, 10,000 keys', task: busy, ...one },
        { label: 'one Redis, one hot key', task: { ...busy, keys: 1 }, ...one },
        { label: 'three masters, 10,000 keys', task: nodes, ...three },
        { label: 'three masters, one hot key', task: { ...nodes, keys: 1 }, ...three },
      ]),
    )
    await cluster.stop()

    const steps = (
      counts: readonly number[],
      noun: string,
      plural: string,
      of: (count: number) => Partial<Task>,
    ) => counts.map((count) => ({ label: counted(count, noun, plural), task: { ...TASK, ...of(count) } }))
    const policies = steps([1, 2, 3, 4, 6, 8], 'polic', 'ies', (policies) => ({ policies }))
    const keys = steps([1_000, 10_000, 100_000, 1_000_000], 'key', 's', (keys) => ({ keys }))
    const entries = steps([1, 10, 100, 1_000], 'entr', 'ies', (entries) => ({ entries }))
    tables.push(
      await inMemory('a decision in memory, by policies', policies),
      await inRedis('a decision in Redis, by policies', policies, 'token bucket'),
      await inMemory('a decision in memory, by keys', keys),
      await inRedis('a decision in Redis, by keys', keys, 'token bucket'),
      await inMemory('a decision in memory, by entries in the window', entries),
      await inRedis('a decision in Redis, by entries in the window', entries, 'sliding log'),
    )
    await server.stop()
    return tables
  },
}

function counted(count: number, noun: string, plural: string): string {
  const singular = plural === 'ies' ? 'y' : ''
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? singular : plural}`
}

async function perSecond(title: string, steps: readonly Step[]): Promise<Table> {
  const rounds = await interleave(steps.map(together), ROUNDS)
  const rows = steps.map(({ label }, i): Row => {
    const own = rounds[i] ?? []
    const cores = (of: (round: Together) => number) => figure(median(own.map(of)))
    return {
      subject: label,
      kind: 'ours',
      algorithm: 'token bucket',
      samples: own.map(({ asked, ms }) => (asked / ms) * 1_000),
      note: `processors busy: apps ${cores(({ apps }) => apps)}, Redis ${cores(({ redis }) => redis)}`,
    }
  })
  return { title, unit: '1/s', better: 'more', floor: steps[0]?.label as string, inOrder: true, rows }
}

async function inMemory(title: string, steps: readonly Step[]): Promise<Table> {
  const own = steps.map((step) => ({ ...step, task: { ...step.task, store: 'memory' as const } }))
  return cost(title, own, 'ns', ({ processorMs, asked }) => (processorMs / asked) * 1e6)
}

/** Each step has a Redis of its own. */
async function inRedis(title: string, steps: readonly Step[], algorithm: string): Promise<Table> {
  const servers = await Promise.all(steps.map(() => startServer()))
  const own = steps.map((step, i) => {
    return { ...step, task: { ...step.task, ports: [(servers[i] as RedisServer).port] } }
  })
  const table = await cost(title, own, 'µs', ({ redisMs, asked }) => (redisMs / asked) * 1e3, algorithm)
  await Promise.all(servers.map((server) => server.stop()))
  return table
}

async function cost(
  title: string,
  steps: readonly Step[],
  unit: Table['unit'],
  of: (round: Round) => number,
  algorithm = steps[0]?.task.entries === undefined ? 'token bucket' : 'sliding log',
): Promise<Table> {
  const rounds = await interleave(
    steps.map(({ task }) => process(task)),
    ROUNDS,
  )
  const rows = steps.map(({ label }, i): Row => {
    return { subject: label, kind: 'ours', algorithm, samples: (rounds[i] ?? []).map(of) }
  })
  return { title, unit, better: 'less', floor: steps[0]?.label as string, inOrder: true, rows }
}

function process(task: Task): Child<Round> {
  return start(PROGRAM, SUBJECTS[task.store], JSON.stringify(task))
}

/** Several processes as one: they do all at the same time. */
function together({ task, processes = 1, servers = [] }: Step): Child<Together> {
  const children = Array.from({ length: processes }, () => process(task))
  const all = async <T>(of: (child: Child<Round>) => Promise<T>) => Promise.all(children.map(of))
  return {
    async prepare() {
      await all((child) => child.prepare())
    },
    async round() {
      const before = await busyMs(servers)
      const rounds = await all((child) => child.round())
      const redisMs = (await busyMs(servers)) - before
      const sum = (of: (round: Round) => number) => rounds.reduce((sum, round) => sum + of(round), 0)
      const ms = Math.max(...rounds.map((round) => round.ms))
      const processorMs = sum((round) => round.processorMs)
      const asked = sum((round) => round.asked)
      return { asked, ms, processorMs, redisMs, apps: processorMs / ms, redis: redisMs / ms }
    },
    async stop() {
      await all((child) => child.stop())
    },
  }
}

async function busyMs(servers: readonly RedisServer[]): Promise<number> {
  const times = servers.map(async ({ port }) => {
    const client = await ready(new Redis(port))
    const info = await client.info('cpu')
    client.disconnect()
    const of = (mode: string) => Number(new RegExp(`^used_cpu_${mode}:(\\S+)`, 'm').exec(info)?.[1])
    return (of('user') + of('sys')) * 1_000
  })
  return (await Promise.all(times)).reduce((sum, ms) => sum + ms, 0)
}
