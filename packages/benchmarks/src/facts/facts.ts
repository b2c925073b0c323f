import { readFileSync, writeFileSync } from 'node:fs'
import { type Facts, facts as measured } from '../report/facts.js'
import { grid } from '../report/markdown.js'
import { replaceSection } from '../report/readme.js'
import { installClock } from './clock.js'
import type { Contender } from './contender.js'
import { expressRateLimit } from './contenders/express-rate-limit.js'
import { honoRateLimiter } from './contenders/hono-rate-limiter.js'
import { koaRatelimit } from './contenders/koa-ratelimit.js'
import { rateLimiterFlexible } from './contenders/rate-limiter-flexible.js'
import { spillway } from './contenders/spillway.js'
import { upstashRatelimit } from './contenders/upstash-ratelimit.js'
import type { Fact } from './fact.js'
import { edge } from './rows/edge.js'
import { frozen } from './rows/frozen.js'
import { ipv6 } from './rows/ipv6.js'
import { keys } from './rows/keys.js'
import { longWindow } from './rows/long-window.js'
import { notANumber, unknownOption } from './rows/misuse.js'
import { named } from './rows/named.js'
import { retryAfter } from './rows/retry-after.js'
import { several } from './rows/together.js'

const README = new URL('../../../../README.md', import.meta.url)

const contenders: readonly Contender[] = [
  spillway,
  expressRateLimit,
  rateLimiterFlexible,
  upstashRatelimit,
  honoRateLimiter,
  koaRatelimit,
]
const rows: readonly Fact[] = [
  edge,
  several,
  retryAfter,
  named,
  keys,
  longWindow,
  notANumber,
  unknownOption,
  ipv6,
  frozen,
]

/** What the README of the repository says of other libraries: tried, and written there. */
export const facts = {
  name: 'facts',
  async report(): Promise<string> {
    const clock = installClock()
    const lines: string[][] = []
    for (const fact of rows) {
      const begun = performance.now()
      const cells: string[] = []
      if (fact.atOnce) cells.push(...(await Promise.all(contenders.map((one) => fact.try(one, clock)))))
      else for (const one of contenders) cells.push(await fact.try(one, clock))
      lines.push([fact.row, ...cells])
      console.error(`  ${fact.row}: ${Math.round((performance.now() - begun) / 1_000)} s`)
    }
    clock.uninstall()

    const table = grid(['', ...contenders.map(({ name }) => name)], lines)
    const content = `${triedWith(measured())}\n\n${table}`
    writeFileSync(README, replaceSection(readFileSync(README, 'utf8'), facts.name, content))
    return content
  },
}

function triedWith({ day, node, versions }: Facts): string {
  const names = contenders.filter((one) => one !== spillway).flatMap(({ packages }) => packages)
  const list = names.map((name) => `${name} ${versions[name]}`)
  return `Tried ${day} on Node ${node}: ${list.join(', ')}.`
}
