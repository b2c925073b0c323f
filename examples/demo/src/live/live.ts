import { FRAMEWORKS } from '../frameworks.js'
import { bad, count, dim, good, strong } from '../style.js'
import { firstRefusal } from './first-refusal.js'
import { personas } from './personas.js'
import { picture } from './picture.js'
import { type Quickstart, startQuickstart } from './quickstarts.js'
import { redrawing } from './redraw.js'
import { type Exchange, sendTraffic } from './traffic.js'
import { misbehaviour } from './verdict.js'

const SECONDS = 12

/** `npm run demo`. Resolves to the exit code. */
export async function runLive(): Promise<number> {
  console.log(introduction())
  const started = await Promise.allSettled(FRAMEWORKS.map((framework) => startQuickstart(framework)))
  const quickstarts = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  try {
    const failures = started.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as Error] : [],
    )
    for (const { message } of failures) console.log(bad(`✘ ${message}`))
    return failures.length > 0 ? 1 : conclude(quickstarts, await watch(quickstarts))
  } finally {
    await Promise.all(quickstarts.map((quickstart) => quickstart.stop()))
  }
}

function introduction(): string {
  return `
${strong('Spillway: the same limits in Express, Koa and Hono')}

  standard  20 requests in any 5 s
  login     3 requests in any 10 s, for POST /login only
  Each API key has both limits to itself. For ${SECONDS} s four clients, each with a key,
  talk to all three servers:

${personas.map(({ name, habit }) => `  ${name.padEnd(10)}${habit}`).join('\n')}
`
}

async function watch(quickstarts: readonly Quickstart[]): Promise<Exchange[]> {
  const exchanges: Exchange[] = []
  const began = performance.now()
  const ends = began + SECONDS * 1000
  const screen = redrawing(() => picture(exchanges, SECONDS, performance.now() - began))
  const hear = (exchange: Exchange) => void exchanges.push(exchange)
  await Promise.all(quickstarts.map((quickstart) => sendTraffic(quickstart, began, ends, hear)))
  screen.end()
  return exchanges
}

function conclude(quickstarts: readonly Quickstart[], exchanges: readonly Exchange[]): number {
  const problems = quickstarts.flatMap(({ framework, crash }) => [
    ...(crash === undefined ? [] : [`${framework}: the server ${crash}`]),
    ...misbehaviour(exchanges.filter((exchange) => exchange.framework === framework)).map(
      (problem) => `${framework}: ${problem}`,
    ),
  ])
  if (problems.length === 0) console.log(`\n${whatToSee(exchanges)}`)
  for (const { framework } of quickstarts) {
    console.log(`\n${firstRefusal(exchanges.filter((exchange) => exchange.framework === framework))}`)
  }
  console.log()
  for (const problem of problems) console.log(bad(`✘ ${problem}`))
  if (problems.length > 0) return 1

  const healthChecks = exchanges.filter(({ path }) => path === '/health').length
  console.log(good(`✔ All three behaved in ${count(exchanges.length, 'request')}.`))
  console.log(
    dim(`  ${count(healthChecks, 'health check')} among them: /health is exempt, and was never limited.`),
  )
  return 0
}

function whatToSee(exchanges: readonly Exchange[]): string {
  const refused = exchanges.filter(({ persona, status }) => persona === 'Cleo' && status === 429).length
  return `${strong('What to see')}  Nobody gets more than 20 through in any 5 s. Ada waits as told, and her
next request passes. Cleo keeps knocking, is refused ${count(refused, 'time')}, and gets in no sooner for it.`
}
