import type { Redis } from 'ioredis'

const SET = `
for i = ARGV[1], ARGV[2] do redis.call('SET', ARGV[3] .. i .. ARGV[4], ARGV[5], 'PX', 600000) end`
const STEP = 50_000

/**
 * Gives all keys the state that a decision left under the first one, the only one there is. They are numbered from its number
 * on, as `keysOf` does.
 */
export async function fill(client: Redis, keys: number): Promise<void> {
  const [first = ''] = await client.keys('*')
  const [, before, from, after] = /^(.*?\{user:)(\d+)(\}.*)$/.exec(first) as unknown as string[]
  const state = (await client.get(first)) as string
  for (let i = 1; i < keys; i += STEP) {
    const [start, end] = [Number(from) + i, Number(from) + Math.min(keys, i + STEP) - 1]
    await client.eval(SET, 0, start, end, before as string, after as string, state)
  }
}
