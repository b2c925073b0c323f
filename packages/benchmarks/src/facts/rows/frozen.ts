import { median } from '../../report/statistics.js'
import type { Answer, Ask, Contender } from '../contender.js'
import { type Fact, pick, sleep } from '../fact.js'
import { together } from '../said.js'
import { onStage, type Stage } from '../stage.js'

const FROZEN_MS = 6_000
/** Whoever answers sooner is asked so many times, and looked at from then on. */
const ASKED = 11
const MANY = 7
const SOON_MS = 500
/** Until the others, which are tried at once, are ready too: what they do would be in the times. */
const CALM_MS = 2_000
const CLIENT = '10.0.0.1'

export const frozen: Fact = {
  row: `Redis frozen for ${FROZEN_MS / 1_000} s: what is answered, and after how long`,
  atOnce: true,
  async try(contender) {
    const tried = Object.entries(contender.frozen ?? needRedis(contender)).map(([label, make]) =>
      onStage(async (stage): Promise<[string, string]> => {
        const { ask } = await make.make([{ name: 'frozen', limit: 100, windowMs: 60_000 }], stage)
        // Connected, and with its scripts loaded.
        await ask(CLIENT)
        await sleep(CALM_MS)
        return [label, await freeze(stage, () => answers(ask))]
      }),
    )
    return together(await Promise.all(tried))
  },
}

const needRedis = ({ makes }: Contender) => pick(makes, ({ keeps }) => keeps === 'redis')

async function freeze<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
  const { process } = await stage.redisServer()
  process.kill('SIGSTOP')
  const worked = work()
  await sleep(FROZEN_MS)
  process.kill('SIGCONT')
  return worked
}

async function answers(ask: Ask): Promise<string> {
  const first = await timed(ask)
  if (first.ms >= FROZEN_MS) return `waits until Redis is back, then ${first.what}`
  const said = `${first.what} after ${inSeconds(first.ms)}`
  if (first.ms > SOON_MS) return said
  const times = [first.ms]
  while (times.length < ASKED) times.push((await timed(ask)).ms)
  const later = median(times.slice(MANY - 1))
  return later < first.ms / 4 ? `${said}, the ${MANY}th time at once` : said
}

async function timed(ask: Ask): Promise<{ what: string; ms: number }> {
  const begun = performance.now()
  const what = await ask(CLIENT).then(inWords, () => 'an error')
  return { what, ms: performance.now() - begun }
}

function inWords({ allowed }: Answer): string {
  return allowed ? 'admitted' : 'refused'
}

/** To the next tenth of a second, or below that of 10 ms. */
function inSeconds(ms: number): string {
  return ms < 100 ? `${Math.round(ms / 10) * 10} ms` : `${(ms / 1_000).toFixed(1)} s`
}
