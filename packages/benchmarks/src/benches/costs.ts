import { redisOptions } from '@spillway/redis'
import { Redis } from 'ioredis'
import type { Bench, Row, Table } from '../bench.js'
import { figure, grid } from '../report/markdown.js'
import { median } from '../report/statistics.js'
import { bytes } from './costs-bytes.js'
import { type Timed, timed } from './costs-time.js'
import type { Script } from './script-stats.js'
import { ready, startServer } from './servers.js'

/** What the README of packages/redis says that a decision costs. */
export const costs: Bench = {
  name: 'costs',
  async run() {
    const server = await startServer()
    // A million keys made, or forgotten, by one command are no sign of a dead connection.
    const client = await ready(new Redis(server.port, { ...redisOptions, socketTimeout: 60_000 }))
    const probe = await ready(new Redis(server.port))
    const version = /^redis_version:(\S+)/m.exec(await probe.info('server'))?.[1]
    const table = (title: string, unit: Table['unit'], rows: Row[]): Table => {
      return { title: `${title}, Redis ${version}`, unit, better: 'less', inOrder: true, rows }
    }
    const times = await timed(client, probe)
    const rowsOf = (value: (round: Script, asked: number) => number) =>
      times.map(({ label, rounds, asked }): Row => {
        const samples = rounds.map((round) => value(round, asked))
        return { subject: label, kind: 'ours', algorithm: '', samples, note: inside(rounds[0]) }
      })
    const tables = [
      table('bytes per key', 'B', await bytes(client)),
      table(
        'time of a script call',
        'ms',
        rowsOf(({ usec, calls }) => (calls === 0 ? 0 : usec / calls / 1_000)),
      ),
      table(
        'script calls',
        'commands',
        rowsOf(({ calls }, asked) => calls / asked),
      ),
    ]
    client.disconnect()
    probe.disconnect()
    await server.stop()
    return tables
  },
  section: {
    readme: new URL('../../../redis/README.md', import.meta.url),
    content([bytes, times, calls]) {
      const sizes = (bytes as Table).rows.map(({ subject, samples }) => [subject, middle(samples)])
      const decisions = (times as Table).rows.map(({ subject, samples, note = '' }, i) => {
        const asked = median(calls?.rows[i]?.samples ?? [])
        return asked === 0
          ? [subject, 'none', '', '']
          : [subject, `${figure(asked)} \`EVALSHA\``, note, middle(samples)]
      })
      return [
        grid([`policy (${(bytes as Table).title})`, 'bytes'], sizes),
        grid(['decision', 'calls', 'inside the script', 'ms in Redis'], decisions),
      ].join('\n\n')
    },
  },
}

function middle(samples: readonly number[]): string {
  const value = median(samples)
  return Number.isInteger(value) ? value.toLocaleString('en') : figure(value)
}

const ORDER = ['TIME', 'GET', 'GETEX', 'SET']

/** For one call: `TIME`, 3 `GET`, 3 `SET`. */
function inside(round: Timed['rounds'][number] | undefined): string {
  if (round === undefined || round.calls === 0) return ''
  return Object.entries(round.inside)
    .map(([name, count]) => [name, count / round.calls] as const)
    .toSorted(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b))
    .map(([name, count]) => (count === 1 ? `\`${name}\`` : `${figure(count)} \`${name}\``))
    .join(', ')
}
