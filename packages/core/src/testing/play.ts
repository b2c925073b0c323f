import type { Answer, Step, Vector } from '../algorithms/vector.js'
import type { CallOptions } from '../call.js'
import type { Limiter } from '../limiter.js'
import type { Reservation } from '../reservation.js'

/** A limiter with the vector's policy, named `policy`, and ways to reach what is around it. */
export interface Bench {
  readonly limiter: Limiter<'policy'>
  setClock(now: number): void
  /** What the store keeps of the key; without it, states are not told. */
  state?(key: string): readonly number[] | Promise<readonly number[]>
}

/** Does what the steps say and tells what happened, in their own form: where they expect nothing, nothing is told. */
export async function play({ steps }: Vector, { limiter, setClock, state }: Bench): Promise<Step[]> {
  const key = 'someone'
  const open: Reservation<'policy', 'policy'>[] = []
  const told: Step[] = []

  for (const [at, ask, expected, kept] of steps) {
    setClock(at)
    const answer = await answerTo(ask)
    const seen = expected && answer
    if (kept !== undefined && state !== undefined) told.push([at, ask, seen, await state(key)])
    else told.push(seen ? [at, ask, seen] : [at, ask])
  }
  return told

  async function answerTo(ask: Step[1]): Promise<Answer | undefined> {
    if (ask.do === 'reset') await limiter.reset(key)
    else if (ask.do === 'cancel') await open.pop()?.cancel()
    else if (ask.do === 'settle') await open.pop()?.settle(ask.actual)
    else if (ask.do === 'renew') await open.at(-1)?.renew()
    else if (ask.do !== 'reserve') return answerOf(await limiter[ask.do](key, optionsOf(ask)))
    else {
      const reservation = await limiter.reserve(key, optionsOf(ask))
      if (reservation.decision.allowed) open.push(reservation)
      return answerOf(reservation.decision)
    }
    return undefined
  }
}

function optionsOf({ cost, limit }: { cost: number; limit: number | undefined }): CallOptions<'policy'> {
  return { cost, limit }
}

function answerOf({ allowed, used, remaining, resetMs, retryAfterMs, delayMs }: Answer): Answer {
  return { allowed, used, remaining, resetMs, retryAfterMs, delayMs }
}
