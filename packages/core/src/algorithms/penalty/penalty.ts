import { type Duration, milliseconds } from '../../duration.js'
import { SpillwayError, show } from '../../errors.js'
import { checkOptions } from '../../options.js'
import { isPolicy, type Policy, withAlgorithm } from '../../policy.js'
import { MAX_COUNT } from '../algorithm.js'
import { offences } from './offences.js'

export interface PenaltyOptions {
  /** How long the first penalty lasts. */
  first: Duration
  /** How many times as long as the last one the next is. @default 2 */
  factor?: number
  /** The longest penalty, and how long a caller must behave after one until the next is a first one again. */
  max: Duration
}

/**
 * The same policy, each refusal of which begins a penalty: all is refused until its end, which asking does not move and every
 * refusal says. The next one is `factor` times as long, at most `max`. A caller whose last penalty ended `max` ago, and who was
 * refused by nothing since, begins anew. What does not fit at all, and a limit of 0, are no offence.
 * @param policy made by slidingWindow, slidingLog, slidingCounter, fixedWindow, tokenBucket or spikeArrest
 * @throws SpillwayError `POLICY_INVALID`, `OPTION_MISSING`, `OPTION_CONFLICT`, `OPTION_INVALID`, `OPTION_UNKNOWN`
 */
export function penalty(policy: Policy, options: PenaltyOptions): Policy {
  checkPace(policy)
  if (options === undefined) throw missing('first')
  checkOptions(options, ['first', 'factor', 'max'], 'penalty', HINTS)
  for (const option of ['first', 'max'] as const) if (options[option] === undefined) throw missing(option)
  const { factor = 2 } = options
  const first = milliseconds(options.first, 'first', 'OPTION_INVALID')
  const max = milliseconds(options.max, 'max', 'OPTION_INVALID')
  if (max < first) {
    throw invalid(
      `\`max\` is ${show(options.max)}, shorter than \`first\`: write ${show(options.first)} or more.`,
    )
  }
  if (!Number.isInteger(factor) || factor < 2 || factor > MAX_COUNT) {
    throw invalid(
      `\`factor\` is ${show(factor)}: write a whole number, 2 or more; for penalties of one length, a \`max\` that is \`first\`.`,
    )
  }
  return withAlgorithm(policy, offences(policy.algorithm, { first, factor, max }))
}

const INSIDE = 'Put it into the policy inside.'

const HINTS: Readonly<Record<string, string>> = {
  limit: INSIDE,
  window: INSIDE,
  shadow: INSIDE,
  hidden: INSIDE,
  code: INSIDE,
  unit: INSIDE,
  warnAt: INSIDE,
  blockDuration: 'Write `first`.',
  duration: 'Write `first`.',
  ban: 'Write `first`.',
  cooldown: 'Write `first`.',
}

function checkPace(policy: Policy): void {
  if (!isPolicy(policy)) {
    throw new SpillwayError(
      'POLICY_INVALID',
      `penalty(${show(policy)}): write penalty(slidingWindow({ limit, window }), { first: '30s', max: '1h' }).`,
    )
  }
  const { algorithm, edges, chargeRefused } = policy
  if (algorithm.punish !== undefined) {
    throw conflict('another penalty: write one, with the `factor` and the `max` that you want')
  }
  if (algorithm.lease !== undefined) {
    throw conflict('concurrency, where a slot may be free at any moment: wrap a slidingWindow beside it')
  }
  if (edges !== undefined) {
    throw conflict('a quota, which is used up by right: wrap a slidingWindow beside it')
  }
  if (algorithm.twin['shapes'] === true) {
    throw conflict('a leakyBucket, which lets callers wait for their turn: wrap a tokenBucket')
  }
  if (chargeRefused) {
    throw conflict(
      'a policy with `chargeRefused`, as asking does not move its end: leave `chargeRefused` out',
    )
  }
}

/** Both must be chosen: no length is right for every caller. */
const MEANINGS = {
  first: 'how long the first penalty lasts',
  max: 'the longest penalty, and how long a caller must behave until the next is a first one again',
}

function missing(option: keyof typeof MEANINGS): SpillwayError {
  return new SpillwayError(
    'OPTION_MISSING',
    `penalty needs \`${option}\`, ${MEANINGS[option]}: write penalty(policy, { first: '30s', factor: 2, max: '1h' }).`,
  )
}

function conflict(what: string): SpillwayError {
  return new SpillwayError('OPTION_CONFLICT', `penalty cannot wrap ${what}.`)
}

function invalid(message: string): SpillwayError {
  return new SpillwayError('OPTION_INVALID', message)
}
