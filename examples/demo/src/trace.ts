import type { LoggedRequest } from './access-log.js'

const REQUESTS = 10_000
const CLIENTS = 1600
const START = Date.UTC(2015, 4, 17, 10)
const DAYS = 3.5

/**
 * A log of 10,000 requests that never happened, the same each time. Like people at a web site, clients come
 * for a visit, load a page and what it needs within seconds, read for a while, and load the next. A limit of
 * 5 per 10 s refuses 8 %, as it does of the log of May 2015 that CI replays.
 */
export function generatedTrace(): LoggedRequest[] {
  const random = randomNumbers(42)
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  const requests: LoggedRequest[] = []
  while (requests.length < REQUESTS) {
    // Some come back far more often than others.
    const client = Math.floor(random() ** 2 * CLIENTS)
    const address = `10.0.${Math.floor(client / 250)}.${1 + (client % 250)}`
    let second = between(0, DAYS * 86_400)
    for (let page = between(1, 5); page > 0; page--) {
      for (let asset = between(1, 9); asset > 0; asset--) {
        requests.push({ address, time: START + second * 1000, method: 'GET', path: `/page/${page}/${asset}` })
        second += between(0, 4)
      }
      second += between(5, 60)
    }
  }
  return requests.slice(0, REQUESTS).sort((a, b) => a.time - b.time)
}

/** Numbers from 0 to 1 that follow from a seed: mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
