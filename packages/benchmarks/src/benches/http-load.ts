import { fork } from 'node:child_process'
import { ask } from '../children.js'

/** What the load generator is told. */
export interface Blast {
  readonly port: number
  readonly ms: number
}

/** What it has counted. */
export interface Hits {
  readonly ms: number
  readonly admitted: number
  readonly refused: number
}

export interface Load {
  hit(blast: Blast): Promise<Hits>
  stop(): void
}

/** A process that loads one server at a time. */
export function startLoad(): Load {
  const child = fork(new URL('http-load-child.ts', import.meta.url), {
    execArgv: ['--import', import.meta.resolve('tsx')],
  })
  return {
    hit: (blast: Blast) => ask(child, 'the load generator', blast) as Promise<Hits>,
    stop: () => child.disconnect(),
  }
}
