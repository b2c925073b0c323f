import { STATUS_CODES } from 'node:http'
import { bad, dim, strong } from '../style.js'
import type { Exchange } from './traffic.js'
import { refusers } from './verdict.js'

const SHOWN = /^(x-ratelimit-.*|retry-after|cache-control|content-type)$/

/** The first refusal as it came over the wire, and who refused. */
export function firstRefusal(exchanges: readonly Exchange[]): string {
  const first = exchanges.find(({ status }) => status === 429)
  if (!first) return ''
  const { framework, persona, method, path, sentAt, status, headers, body } = first
  const shown = [...headers]
    .filter(([name]) => SHOWN.test(name))
    .map(([name, value]) => `${dim(`${name}:`)} ${value}`)
  return [
    strong(`${framework}'s first refusal, to ${persona} after ${(sentAt / 1000).toFixed(1)} s`),
    '',
    ...[
      `${method} ${path}`,
      '',
      bad(`HTTP/1.1 ${status} ${STATUS_CODES[status]}`),
      ...shown,
      '',
      ...pretty(body).split('\n'),
    ].map((text) => `  ${text}`.trimEnd()),
    '',
    `The policy ${refusers(first)
      .map((name) => strong(`"${name}"`))
      .join(' and ')} refused it: the limit, the reset and the wait above are its own.`,
  ].join('\n')
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
