import { slidingWindow } from '@spillway/core'
import { type AccessLog, readAccessLog } from './access-log.js'
import { FRAMEWORKS } from './frameworks.js'
import { progressBar } from './progress.js'
import { type Replayed, replay } from './replay.js'
import { bad, count, dim, good, number, strong } from './style.js'
import { table } from './table.js'
import { timeline } from './timeline.js'

const policy = slidingWindow({ limit: 5, window: '10s' })

/** `npm run demo -- --log FILE`. Resolves to the exit code. */
export async function replayLog(file: string): Promise<number> {
  let log: AccessLog
  try {
    log = await readAccessLog(file)
  } catch (error) {
    console.error(`Cannot read ${file}: ${reason(error as NodeJS.ErrnoException)}.`)
    return 1
  }
  const { requests, malformed } = log
  if (malformed.length > 0) reportMalformed(log)
  if (requests.length === 0) {
    console.error(`${file} holds no request in the combined log format, which looks like this:`)
    console.error(
      '  203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET /page HTTP/1.1" 200 512 "-" "Mozilla/5.0"',
    )
    return 1
  }

  const addresses = count(new Set(requests.map(({ address }) => address)).size, 'address', 'addresses')
  console.log(`
${strong(`${count(requests.length, 'request')} of ${addresses}, ${span(requests)}`)}

  Each address may send 5 requests in any 10 s. The log goes over HTTP, one request
  after the other, to an Express, a Koa and a Hono server whose clocks follow it.
`)

  const started = performance.now()
  const progress = progressBar(requests.length * FRAMEWORKS.length, 'requests')
  const runs = await Promise.all(
    FRAMEWORKS.map((framework) => replay({ framework, policy, requests, onAnswer: progress.tick })),
  )
  progress.end()

  const [answers = []] = runs
  console.log(timeline(answers.map(({ request: { time }, status }) => ({ time, admitted: status === 200 }))))
  console.log(`\n${strong('Refused most')}\n\n${mostRefused(answers)}\n`)
  return verdict(runs, performance.now() - started)
}

/** Reports whether all three decided alike, and that nothing but 200 and 429 was answered. */
function verdict(runs: readonly (readonly Replayed[])[], elapsedMs: number): number {
  const [answers = []] = runs
  const strange = runs.flat().filter(({ status }) => status !== 200 && status !== 429)
  const apart = answers.filter(({ status }, i) => runs.some((run) => run[i]?.status !== status))
  for (const { request, status } of strange.slice(0, 5)) {
    console.log(bad(`✘ ${request.method} ${request.path} was answered with ${status}.`))
  }
  if (apart.length > 0) console.log(bad(`✘ The three disagree on ${count(apart.length, 'request')}.`))
  if (strange.length + apart.length > 0) return 1

  const refused = answers.filter(({ status }) => status === 429).length
  const share = ((refused / answers.length) * 100).toFixed(1)
  const result = `${number(answers.length - refused)} admitted, ${number(refused)} refused (${share} %)`
  console.log(good(`✔ Express, Koa and Hono decided alike on every request: ${result}.`))
  console.log(dim(`  ${number(answers.length * runs.length)} requests in ${(elapsedMs / 1000).toFixed(1)} s`))
  return 0
}

function mostRefused(answers: readonly Replayed[]): string {
  const callers = new Map<string, { address: string; sent: number; admitted: number; refused: number }>()
  for (const { request, status } of answers) {
    const caller = callers.get(request.address) ?? {
      address: request.address,
      sent: 0,
      admitted: 0,
      refused: 0,
    }
    caller.sent++
    caller[status === 429 ? 'refused' : 'admitted']++
    callers.set(request.address, caller)
  }
  const refused = [...callers.values()].filter(({ refused }) => refused > 0)
  if (refused.length === 0) return '  Nobody: the log keeps within the limit.'
  const top = refused.toSorted((a, b) => b.refused - a.refused).slice(0, 8)
  const rest = refused.length - top.length
  return table(top) + (rest > 0 ? `\n  ${dim(`and ${count(rest, 'other')}`)}` : '')
}

function reportMalformed({ requests, malformed }: AccessLog): void {
  const [first] = malformed as [AccessLog['malformed'][number]]
  // What strangers wrote into a log must not steer the terminal.
  const printable = first.text.replace(/[^ -~]/g, '?')
  const shown = printable.length > 90 ? `${printable.slice(0, 90)}...` : printable
  const all = number(requests.length + malformed.length)
  console.error(
    `Left out ${number(malformed.length)} of ${all} lines that are no request in the combined log format.`,
  )
  console.error(`The first is line ${number(first.line)}: ${shown}`)
}

function span(requests: AccessLog['requests']): string {
  const [from, to] = [requests[0], requests.at(-1)].map((request) => {
    const [, day, month, year, clock] = new Date(request?.time ?? 0).toUTCString().split(' ')
    return `${day} ${month} ${year} ${clock?.slice(0, 5)}`
  })
  return `${from} to ${to} UTC`
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'EACCES') return 'you may not read it'
  return message
}
