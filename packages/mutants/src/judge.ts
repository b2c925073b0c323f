import { type ChildProcess, fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

/**
 * - `killed`: a test failed.
 * - `timeout`: the tests did not end in time, as with an endless loop.
 * - `survived`: all tests passed.
 * - `untested`: no test failed, yet something else did, as when the source does not compile.
 */
export type Verdict = 'killed' | 'timeout' | 'survived' | 'untested'

export interface Judgement {
  readonly verdict: Verdict
  /** The tests that failed, or what went wrong. */
  readonly reason: string
}

export interface Request {
  /** The files that were changed since the last request. */
  readonly files: readonly string[]
  readonly tests: readonly string[]
  /** Of each property. */
  readonly runs: number
}

export interface Judge {
  /** The copy of the workspace in which it runs tests. */
  readonly root: string
  /** Runs tests up to the first failure. One thing at a time. */
  judge(request: Request, timeoutMs: number): Promise<Judgement>
  close(): void
}

/** Its Vitest goes on from one request to the next, for as long as none has to be ended. */
export function createJudge(root: string): Judge {
  let worker: ChildProcess | undefined

  function close(): void {
    worker?.kill('SIGKILL')
    worker = undefined
  }

  return {
    root,
    close,

    judge(request, timeoutMs) {
      worker ??= fork(WORKER, { cwd: root, execArgv: ['--import', TSX] })
      const asked = worker
      asked.send(request)
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          close()
          end({ verdict: 'timeout', reason: '' })
        }, timeoutMs)
        const end = (judgement: Judgement) => {
          clearTimeout(timer)
          asked.removeAllListeners()
          resolve(judgement)
        }
        asked.once('message', (judgement) => end(judgement as Judgement))
        asked.once('exit', (code) => {
          worker = undefined
          end({ verdict: 'untested', reason: `The worker ended with ${code}.` })
        })
      })
    },
  }
}
