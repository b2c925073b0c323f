import type { RedisClient } from './client.js'
import { SCRIPT, SHA1 } from './script.gen.js'

/** Runs the script, by its hash where the server knows it. One that it does not know has done nothing yet. */
export async function run(
  client: RedisClient,
  keys: readonly string[],
  args: readonly string[],
): Promise<unknown> {
  try {
    return await client.evalsha(SHA1, keys.length, ...keys, ...args)
  } catch (error) {
    // At its beginning: some clients tell the command behind it, with all its keys.
    if (!(error instanceof Error) || !/^(ERR )?NOSCRIPT\b/.test(error.message)) throw error
    return client.eval(SCRIPT, keys.length, ...keys, ...args)
  }
}
