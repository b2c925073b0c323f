import type { Redis } from 'ioredis'

/** How often the server carried out each command while something was done, those within scripts too. */
export async function commandCounts(
  client: Redis,
  work: () => Promise<unknown>,
): Promise<Record<string, number>> {
  await client.config('RESETSTAT')
  await work()
  const stats = await client.info('commandstats')
  const counts = [...stats.matchAll(/^cmdstat_(\w+):calls=(\d+)/gm)].map(([, name, calls]) => [
    name,
    Number(calls),
  ])
  const { info, ...others } = Object.fromEntries(counts) as Record<string, number>
  return others
}
