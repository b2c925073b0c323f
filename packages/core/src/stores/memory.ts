import { LRUCache } from 'lru-cache'
import type { Op, State } from '../algorithms/algorithm.js'
import { SpillwayError } from '../errors.js'
import { checkOptions } from '../options.js'
import { checkCount } from '../policy.js'
import {
  type Outcome,
  type Plan,
  type PlannedPolicy,
  SETTLED_MS,
  type SyncApply,
  type SyncStore,
} from '../store.js'
import { consume, consumeOne, isOutside, type Step, transition, type Write } from '../transition.js'
import { type MemoryStats, Table } from './table.js'

export interface MemoryStoreOptions {
  /** The most live keys per policy, and the most refused ones beside them. @default 100_000 */
  maxKeys?: number
}

export interface MemoryStore extends SyncStore {
  /** What it holds now, and what it had to give up, over all policies. */
  stats(): MemoryStats
}

/** What a map of this runtime can hold. */
const MOST_KEYS = 2 ** 24 - 1

/**
 * State in this process, on `lru-cache`: synchronous, no timer, bounded. Several limiters may share it; each policy has
 * `maxKeys` of its own.
 * @throws SpillwayError `LIMIT_INVALID`, `LIMIT_TOO_LARGE`, `OPTION_UNKNOWN`
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  checkOptions(options, ['maxKeys'], 'memoryStore')
  const { maxKeys = 100_000 } = options
  checkCount(maxKeys, 'maxKeys')
  if (maxKeys > MOST_KEYS) {
    throw new SpillwayError('LIMIT_TOO_LARGE', `\`maxKeys\` is ${maxKeys}: it must be at most ${MOST_KEYS}.`)
  }
  const tables = new Map<string, Table>()

  function tableOf(plan: Plan, { name, algorithm }: PlannedPolicy): Table {
    const id = `${plan.name}:${name}:${algorithm.identity}`
    const table = tables.get(id) ?? new Table(algorithm, maxKeys)
    tables.set(id, table)
    return table
  }

  /** Until when the adjustments that were made are known again, by their ids. */
  const settled = new LRUCache<number, number>({ maxSize: maxKeys, sizeCalculation: () => 1 })

  /** Makes an adjustment once; again, it only answers. */
  function adjust(apply: SyncApply, ops: readonly Op[], id: number, now: number): Outcome {
    if ((settled.get(id) ?? 0) > now) {
      return apply(
        ops.map((op) => ({ ...op, cost: 0 })),
        'adjust',
        now,
      )
    }
    const outcome = apply(ops, 'adjust', now)
    if (outcome.results.length > 0) settled.set(id, now + SETTLED_MS)
    return outcome
  }

  return {
    sync: true,

    prepare(plan) {
      const { policies } = plan
      const apply = prepare(
        policies,
        policies.map((policy) => tableOf(plan, policy)),
      )
      return (ops, mode, now = Date.now()) => {
        const id = mode === 'adjust' ? ops[0]?.id : undefined
        return id === undefined ? apply(ops, mode, now) : adjust(apply, ops, id, now)
      }
    },

    stats() {
      const sum = { keys: 0, refusedKeys: 0, evictedLive: 0, evictedRefused: 0 }
      for (const table of tables.values()) {
        const stats = table.stats()
        sum.keys += stats.keys
        sum.refusedKeys += stats.refusedKeys
        sum.evictedLive += stats.evictedLive
        sum.evictedRefused += stats.evictedRefused
      }
      return sum
    },
  }
}

function prepare(policies: readonly PlannedPolicy[], tables: readonly Table[]): SyncApply {
  const load = (op: Op) => tableOf(op).get(op.key)

  return (ops, mode, now = Date.now()) => {
    if (mode === 'consume') return decided(ops, now)
    const loaded = ops.map(load)
    const { writes, ...outcome } = transition(policies, ops, mode, loaded, now)
    for (const [i, write] of writes.entries()) keep(ops[i] as Op, loaded[i], write, now)
    return outcome
  }

  function tableOf(op: Op): Table {
    return tables[op.policy] as Table
  }

  function decided(ops: readonly Op[], now: number): Outcome {
    if (ops.length === 1 && !isOutside(ops, now)) return decidedOne(ops[0] as Op, now)
    const outcome = consume(policies, ops, load, now)
    for (let i = 0; i < outcome.results.length; i++) place(ops[i] as Op, outcome.results[i] as Step, now)
    return outcome
  }

  function decidedOne(op: Op, now: number): Outcome {
    const outcome = consumeOne(policies, op, load(op), now)
    place(op, outcome.results[0] as Step, now)
    return outcome
  }

  /** A state that was loaded has been changed in place already. */
  function keep(op: Op, known: State | undefined, write: Write, now: number): void {
    if (write === null) tableOf(op).delete(op.key)
    else if (write !== undefined && known === undefined) tableOf(op).add(op.key, write, now)
  }

  /** A refused key goes out of reach of eviction until its wait is over; an admitted one comes back. */
  function place(op: Op, step: Step, now: number): void {
    const table = tableOf(op)
    if (!step.found) {
      if (!step.written) return
      table.add(op.key, step.state, now)
    }
    if (step.passed) table.release(op.key, now)
    else refuse(table, op, step, now)
  }

  function refuse(table: Table, op: Op, { reply, state }: Step, now: number): void {
    const { waitMs } = (policies[op.policy] as PlannedPolicy).algorithm.read(reply, op, now, false)
    if (waitMs !== null) table.refuse(op.key, state, now + waitMs, now)
  }
}
