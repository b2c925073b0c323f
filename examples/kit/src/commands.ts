import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { describeRedis } from '../../../packages/redis/src/testing/suite.js'
import { useRedis } from '../../../packages/redis/src/testing/use-client.js'

const PATIENCE = 60_000

/**
 * What each example's package.json promises: `pnpm start` and `pnpm tour`, as the processes that they are.
 * @param src the folder of its sources
 * @param ask a request that is counted
 * @param refusal the status of refusals
 */
export function commandsWork(src: string, ask: (url: string) => Promise<Response>, refusal = 429): void {
  describe('pnpm start', () => {
    it('listens on PORT and says where', { timeout: PATIENCE }, async () => {
      const url = await addressOf(run(src, 'index.ts', { PORT: '0' }))
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect((await ask(url)).status).toBe(200)
    })

    describeRedis('with REDIS_URL', () => {
      const redis = useRedis()
      it('counts in Redis, from the first request on', { timeout: PATIENCE }, async () => {
        const client = redis()
        const REDIS_URL = `redis://127.0.0.1:${client.options.port}`
        const url = await addressOf(run(src, 'index.ts', { PORT: '0', REDIS_URL }))
        expect((await ask(url)).status).toBe(200)
        expect(await client.dbsize()).toBeGreaterThan(0)
      })
    })

    it('listens when there is no Redis yet, and says so', { timeout: PATIENCE }, async () => {
      const child = run(src, 'index.ts', { PORT: '0', REDIS_URL: 'redis://127.0.0.1:1' }, 'pipe')
      const warned = once(createInterface(child.stderr as NodeJS.ReadableStream), 'line')
      expect((await ask(await addressOf(child))).status).toBe(200)
      expect(await warned).toEqual([expect.stringContaining('Redis does not answer yet')])
    })
  })

  it('pnpm tour shows refusals, and ends', { timeout: PATIENCE }, async () => {
    const child = run(src, 'tour.ts')
    const [output, [code]] = await Promise.all([
      text(child.stdout as NodeJS.ReadableStream),
      once(child, 'exit'),
    ])
    expect(code).toBe(0)
    expect(output.split('\n')).toContain(`< ${refusal}`)
  })
}

/** As the script of its package does, until the test is over. */
function run(
  src: string,
  file: string,
  env: Readonly<Record<string, string>> = {},
  stderr: 'inherit' | 'pipe' = 'inherit',
): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    cwd: src,
    env: { ...process.env, REDIS_URL: undefined, ...env },
    stdio: ['ignore', 'pipe', stderr],
  })
  onTestFinished(() => void child.kill())
  return child
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  for await (const line of createInterface(stdout as NodeJS.ReadableStream)) {
    const [, url] = /^listening on (\S+)$/.exec(line) ?? []
    if (url !== undefined) return url
  }
  throw new Error('It ended before it listened.')
}
