import type { Redis } from 'ioredis'

/** What the server did by scripts. */
export interface Script {
  calls: number
  usec: number
  /** The commands within them. */
  readonly inside: Record<string, number>
}

/** @param probe another client than the one that works */
export async function scriptStats(probe: Redis, work: () => Promise<unknown>): Promise<Script> {
  await probe.config('RESETSTAT')
  await work()
  const stats = await probe.info('commandstats')
  const script: Script = { calls: 0, usec: 0, inside: {} }
  for (const [, name = '', calls, usec] of stats.matchAll(/^cmdstat_(\w+):calls=(\d+),usec=(\d+)/gm)) {
    if (name === 'info') continue
    if (name === 'evalsha' || name === 'eval') {
      script.calls += Number(calls)
      script.usec += Number(usec)
    } else script.inside[name.toUpperCase()] = Number(calls)
  }
  return script
}
