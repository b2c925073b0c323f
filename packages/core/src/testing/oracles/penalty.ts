import { type Oracle, SET_BACK_MS } from '../oracle.js'

export interface PenaltyTerms {
  readonly first: number
  readonly factor: number
  readonly max: number
}

/** The penalties of a caller, one after the other, until they are forgotten together. */
export function penaltyOracle(inner: Oracle, { first, factor, max }: PenaltyTerms): Oracle {
  let lengths: bigint[] = []
  /** The beginning of the last one. */
  let begun = 0
  const end = () => begun + Number(lengths.at(-1) ?? 0)
  const runs = (at: number) => at < end()
  const isLate = (now: number) => begun > now + SET_BACK_MS

  return {
    ...inner,
    isAhead: (now) => isLate(now) || inner.isAhead(now),

    carryOver(now) {
      if (inner.isAhead(now)) inner.carryOver(now)
      if (isLate(now)) begun = now
    },

    admits: (at, cost, limit) => !runs(at) && inner.admits(at, cost, limit),
    idle: (at) => !runs(at) && inner.idle(at),

    punish(now) {
      if (runs(now)) return
      if (now >= end() + max) lengths = []
      const length = lengths.reduce((length) => length * BigInt(factor), BigInt(first))
      lengths.push(length < max ? length : BigInt(max))
      begun = now
    },
  }
}
