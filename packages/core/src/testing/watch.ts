import type { Algorithm, State } from '../algorithms/algorithm.js'
import { type Policy, withAlgorithm } from '../policy.js'

export interface Watched {
  readonly policy: Policy
  /** The very array of the last decision. Of a consume it is what the store keeps, if it keeps one. */
  last(): State
  /** A copy of what was in it before that decision. */
  before(): State
}

/** The same policy, letting its state be seen. */
export function watch(policy: Policy): Watched {
  let last: State = []
  let before: State = []
  const { algorithm: own } = policy
  const algorithm: Algorithm = Object.create(own)
  algorithm.rebase = (state, op, now) => {
    last = state
    before = state.slice()
    return own.rebase(state, op, now)
  }
  return { policy: withAlgorithm(policy, algorithm), last: () => last, before: () => before }
}
