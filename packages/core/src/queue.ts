import type { Op } from './algorithms/algorithm.js'
import type { Answer } from './resilience/guard.js'
import type { Plan } from './store.js'

/** How often the first in a line asks again: what another process releases it is not told of. */
const POLL_MS = 100

type Ask = (mode: 'consume' | 'peek') => Answer | Promise<Answer>

/**
 * Reservations of this process that wait for a slot of one policy, by key, first come first served: the first one asks
 * again when a slot was released here, and now and then.
 */
export class Queue {
  private readonly lines = new Map<string, Waiter[]>()
  private readonly plan: Plan
  private readonly policy: number
  private readonly length: number
  private readonly maxWaitMs: number

  /** @param policy the place of its policy in the plan */
  constructor(plan: Plan, policy: number, { queue, maxWaitMs }: { queue: number; maxWaitMs: number }) {
    this.plan = plan
    this.policy = policy
    this.length = queue
    this.maxWaitMs = maxWaitMs
  }

  /**
   * The answer, once it is no more a refusal for want of a slot, or the wait was too long.
   * Rejects with the signal's reason when it aborts meanwhile.
   */
  async pass(ops: readonly Op[], ask: Ask, signal: AbortSignal | undefined): Promise<Answer> {
    const key = ops.find(({ policy, cost }) => policy === this.policy && cost > 0)?.key
    if (key === undefined) return ask('consume')
    if (!this.lines.has(key)) {
      const answer = await ask('consume')
      if (!this.waitsFor(ops, answer)) return answer
    }
    if (this.isFull(key)) {
      // Not to take the slot of one that waits.
      const answer = await ask('peek')
      if (!answer.passed || this.isFull(key)) return this.withoutSlot(ops, answer)
    }
    return this.wait(key, ops, ask, signal)
  }

  /** Slots were released. */
  released(ops: readonly Op[]): void {
    for (const { policy, key } of ops) if (policy === this.policy) this.lines.get(key)?.[0]?.wake()
  }

  private isFull(key: string): boolean {
    return (this.lines.get(key)?.length ?? 0) >= this.length
  }

  /** Whether nothing but a slot is missing. */
  private waitsFor(ops: readonly Op[], { passed, results, unavailableMs }: Answer): boolean {
    if (passed || unavailableMs !== undefined) return false
    return ops.every(
      (op, i) =>
        results[i]?.passed || this.plan.policies[op.policy]?.shadow || (op.policy === this.policy && op.fits),
    )
  }

  /** A refusal: what is free is for those who wait. */
  private withoutSlot(ops: readonly Op[], answer: Answer): Answer {
    if (!answer.passed) return answer
    const results = answer.results.map((result, i) => {
      const op = ops[i] as Op
      const lease = op.policy === this.policy && this.plan.policies[op.policy]?.algorithm.lease
      return lease
        ? { ...result, passed: false, reply: lease.full(result.reply, op, result.now ?? answer.now) }
        : result
    })
    return { ...answer, passed: false, results }
  }

  private async wait(
    key: string,
    ops: readonly Op[],
    ask: Ask,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const line = this.lines.get(key) ?? []
    const waiter = new Waiter()
    this.lines.set(key, line)
    line.push(waiter)
    const end = setTimeout(() => waiter.giveUp(), this.maxWaitMs)
    try {
      for (;;) {
        waiter.isDue = false
        const isLast = waiter.isLate
        if (line[0] === waiter) {
          const answer = await ask('consume')
          if (isLast || !this.waitsFor(ops, answer)) return answer
        }
        await waiter.sleep(line[0] === waiter, signal)
        signal?.throwIfAborted()
      }
    } finally {
      clearTimeout(end)
      line.splice(line.indexOf(waiter), 1)
      if (line.length === 0) this.lines.delete(key)
      else line[0]?.wake()
    }
  }
}

/** One reservation that waits. */
class Waiter {
  /** Whether it was woken since it last asked. */
  isDue = false
  /** Whether it has waited long enough. */
  isLate = false
  private awake: (() => void) | undefined

  wake(): void {
    this.isDue = true
    this.awake?.()
  }

  giveUp(): void {
    this.isLate = true
    this.wake()
  }

  /** Until it is woken, or the signal aborts; the first in its line not for long. */
  async sleep(isFirst: boolean, signal: AbortSignal | undefined): Promise<void> {
    if (this.isDue || signal?.aborted) return
    let poll: ReturnType<typeof setTimeout> | undefined
    await new Promise<void>((resolve) => {
      if (isFirst) poll = setTimeout(resolve, POLL_MS)
      this.awake = resolve
      signal?.addEventListener('abort', resolve as () => void)
    })
    clearTimeout(poll)
    if (this.awake) signal?.removeEventListener('abort', this.awake)
    this.awake = undefined
  }
}
