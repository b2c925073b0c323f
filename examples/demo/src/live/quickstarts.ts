import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Framework } from '../frameworks.js'

/** One of the quickstarts, running as a process of its own on a free port. */
export interface Quickstart {
  readonly framework: Framework
  readonly url: string
  /** Why it ended although nobody stopped it. */
  readonly crash: string | undefined
  stop(): Promise<void>
}

const START_TIMEOUT_MS = 30_000

/**
 * Starts a quickstart as its `pnpm start` does. Rejects, with what it said, when it does not come up.
 * @param redisUrl where it counts; in its own memory when absent
 */
export async function startQuickstart(framework: Framework, redisUrl?: string): Promise<Quickstart> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/index.ts'], {
    cwd: fileURLToPath(new URL(`../../../quickstart-${framework.toLowerCase()}`, import.meta.url)),
    env: { ...process.env, PORT: '0', REDIS_URL: redisUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = () => void child.kill()
  process.once('exit', kill)

  let said = ''
  let stopping = false
  let crash: string | undefined
  const ended = once(child, 'close').then(([code, signal]) => {
    process.off('exit', kill)
    if (!stopping) crash = `ended with ${signal ?? `exit code ${code}`}${said && `, saying:\n${said.trim()}`}`
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })

  const url = await new Promise<string>((resolve, reject) => {
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const [, address] = /^listening on (http:\/\/127\.0\.0\.1:\d+)$/m.exec(output) ?? []
      if (address !== undefined) resolve(address)
    })
    const fail = (why: string) => {
      child.kill()
      reject(new Error(`The ${framework} quickstart ${why}`))
    }
    const timer = setTimeout(() => fail('did not start in time'), START_TIMEOUT_MS).unref()
    ended
      .then(
        () => fail(crash ?? 'ended'),
        (error: Error) => fail(`could not be started: ${error.message}`),
      )
      .finally(() => clearTimeout(timer))
  })

  return {
    framework,
    url,
    get crash() {
      return crash
    },
    async stop() {
      stopping = true
      child.kill()
      await ended
    },
  }
}
