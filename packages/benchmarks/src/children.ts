import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

export interface Child<T> {
  /** Once, before its first round: makes what is measured, and runs it until it is warm. */
  prepare(): Promise<void>
  round(): Promise<T>
  stop(): Promise<void>
}

/** A process for one subject, whose program calls `serve`. */
export function start<T>(program: URL, subject: string, ...args: string[]): Child<T> {
  const child = fork(program, [subject, ...args], {
    execArgv: ['--expose-gc', '--import', import.meta.resolve('tsx')],
  })

  return {
    async prepare() {
      await ask(child, subject)
    },
    round: () => ask(child, subject) as Promise<T>,
    async stop() {
      if (child.exitCode !== null) return
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** Sends one message, and waits for the answer. */
export function ask(child: ChildProcess, name: string, message: object | string = 'next'): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`${name} ended with ${code}.`))
    child.once('exit', onExit)
    child.once('message', (answer) => {
      child.off('exit', onExit)
      resolve(answer)
    })
    child.send(message, (error) => error && reject(new Error(`${name} is gone.`, { cause: error })))
  })
}

/**
 * One round of each in turn, again and again, so that what slows this machine down for a while slows all of them. Each
 * time another one is first. Answers the rounds of each.
 */
export async function interleave<T>(children: readonly Child<T>[], rounds: number): Promise<T[][]> {
  // One after the other: nothing else is to be measured, or warming up, meanwhile.
  for (const child of children) await child.prepare()
  const measured: T[][] = children.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < children.length; turn++) {
      const i = (turn + round) % children.length
      measured[i]?.push(await (children[i] as Child<T>).round())
    }
  }
  await Promise.all(children.map((child) => child.stop()))
  return measured
}
