import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { memoryStore, type Store } from '@spillway/core'
import { redisStore } from '@spillway/redis'
import { describe, onTestFinished } from 'vitest'
import { ready } from '../../../packages/redis/src/testing/ready.js'
import { describeRedis } from '../../../packages/redis/src/testing/suite.js'
import { useRedis } from '../../../packages/redis/src/testing/use-client.js'
import { type Answer, type Headers, type Site, serve } from './site.js'

export { clockAt } from './clock.js'
export { commandsWork } from './commands.js'
export type { Site } from './site.js'

/** Stores of processes that count together: each call makes that of another one. Memory is that of one process. */
export type Together = () => Promise<Store>

/**
 * The same suite with stores in memory and, where there is a server, in Redis.
 * @param suite gets what makes a store that is empty, and what makes empty ones of several processes
 */
export function onEachStore(suite: (newStore: () => Store, newTogether: () => Together) => void): void {
  describe('in memory', { timeout: 60_000 }, () => {
    suite(memoryStore, () => {
      const store = memoryStore()
      return async () => store
    })
  })
  describeRedis('in Redis', { timeout: 60_000 }, () => {
    const client = useRedis()
    suite(
      () => redisStore({ client: client(), prefix: randomUUID() }),
      () => {
        const prefix = randomUUID()
        return async () => {
          const own = await ready(client().duplicate())
          onTestFinished(() => own.disconnect())
          return redisStore({ client: own, prefix })
        }
      },
    )
  })
}

/** That of a server that is gone. */
export function deadStore(): Store {
  const gone = async () => {
    throw new Error('gone')
  }
  return { sync: false, prepare: () => gone }
}

/** On a busy machine too the store decides, and nothing that stands in for it. */
export const patient = { deadline: '10s', fallback: 'deny' } as const

/** A server until the test is over. */
export async function open(app: RequestListener): Promise<Site> {
  const site = await serve(app)
  onTestFinished(() => site.close())
  return site
}

/** A JSON answer, to the byte, with these headers and no others. */
export function json(status: number, headers: Headers, body: object): Answer {
  return { status, headers, body, text: JSON.stringify(body) }
}

/** The TypeScript that a README shows, and the app that it is taken from; both without indentation. */
export function readme(src: string): { source: string; blocks: string[] } {
  const read = (...path: string[]) => readFileSync(join(src, ...path), 'utf8').replace(/^ +/gm, '')
  const blocks = read('..', 'README.md').matchAll(/^```ts\n(.*?)^```$/gms)
  return { source: read('app.ts'), blocks: [...blocks].map(([, block]) => block as string) }
}
