import { type Duration, milliseconds } from '../../duration.js'
import { SpillwayError, show } from '../../errors.js'
import {
  checkCount,
  checkPolicyOptions,
  createPolicy,
  type Policy,
  type PolicyOptions,
  type Waiting,
} from '../../policy.js'
import { Queue } from '../../queue.js'
import { leases } from './leases.js'

export interface ConcurrencyOptions extends Omit<PolicyOptions, 'chargeRefused'> {
  /** The most units held at once, at most 10,000. */
  limit: number
  /** How long a slot is held by a holder that says nothing more: after it, and not before, a crashed one's is free. */
  lease: Duration
  /**
   * How many reservations of one key may wait in this process for a slot, first come first served; who finds the queue full
   * is refused at once. @default 0
   */
  queue?: number
  /** How long one of them waits before it is refused. Required with `queue`. */
  maxWait?: Duration
}

const MAX_LIMIT = 10_000
/** A request waits for it. */
const MAX_WAIT_MS = 3_600_000

/**
 * Limits how much runs at once: a slot is held from `reserve` until it is settled or cancelled, or its lease has passed.
 * @throws SpillwayError `LIMIT_INVALID`, `LIMIT_TOO_LARGE`, `WINDOW_INVALID`, `OPTION_MISSING`, `OPTION_CONFLICT`, `OPTION_UNKNOWN`
 */
export function concurrency(options: ConcurrencyOptions): Policy {
  checkPolicyOptions(options, ['limit', 'lease', 'queue', 'maxWait'], 'concurrency')
  if ((options as PolicyOptions).chargeRefused) {
    throw new SpillwayError(
      'OPTION_CONFLICT',
      'concurrency cannot take `chargeRefused`: what was refused does not run, so it holds no slot.',
    )
  }
  const { limit, lease, queue = 0, maxWait } = options
  checkCount(limit, 'limit')
  const algorithm = leases(milliseconds(lease, 'lease'), checkSlots)
  const waiting = waitingOf(queue, maxWait)
  return createPolicy(
    { algorithm, limit, code: 'CONCURRENCY_LIMIT_EXCEEDED', ...(waiting && { waiting }) },
    options,
  )
}

function checkSlots(limit: number): void {
  if (limit <= MAX_LIMIT) return
  throw new SpillwayError(
    'LIMIT_TOO_LARGE',
    `concurrency remembers each holder, so its limit is at most ${MAX_LIMIT}, not ${limit}; count in larger units.`,
  )
}

function waitingOf(queue: number, maxWait: Duration | undefined): Waiting | undefined {
  checkCount(queue, 'queue', 0)
  if (queue === 0 && maxWait === undefined) return undefined
  if (queue === 0 || maxWait === undefined) {
    throw new SpillwayError(
      'OPTION_MISSING',
      "`queue` and `maxWait` go together: how many may wait, and how long, as in `queue: 10, maxWait: '5s'`.",
    )
  }
  const maxWaitMs = milliseconds(maxWait, 'maxWait')
  if (maxWaitMs <= MAX_WAIT_MS) {
    return { queue, maxWaitMs, open: (plan, policy) => new Queue(plan, policy, { queue, maxWaitMs }) }
  }
  throw new SpillwayError('OPTION_INVALID', `\`maxWait\` is ${show(maxWait)}: write at most '1h'.`)
}
