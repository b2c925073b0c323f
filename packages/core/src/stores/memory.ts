import { LRUCache } from 'lru-cache'
import type { Op, State } from '../algorithms/algorithm.js'
import { SpillwayError } from '../errors.js'
import { checkOptions } from '../options.js'
import { checkCount } from '../policy.js'
import {
  type Mode,
  type OpResult,
  type Outcome,
  type Plan,
  type PlannedPolicy,
  SETTLED_MS,
  type SyncApply,
  type SyncStore,
} from '../store.js'
import { type Transition, transition } from '../transition.js'
import { createTable, type MemoryStats, type Table } from './table.js'

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
    const table = tables.get(id) ?? createTable(algorithm, maxKeys)
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
      const apply = prepare(plan.policies.map((policy) => ({ policy, table: tableOf(plan, policy) })))
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

interface Slot {
  readonly policy: PlannedPolicy
  readonly table: Table
}

type Loaded = readonly (State | undefined)[]

function prepare(slots: readonly Slot[]): SyncApply {
  const policies = slots.map(({ policy }) => policy)
  const tableOf = (op: Op) => (slots[op.policy] as Slot).table

  return (ops, mode, now = Date.now()) => {
    const loaded: (State | undefined)[] = []
    for (const op of ops) loaded.push(tableOf(op).get(op.key))
    const outcome = transition(policies, ops, mode, loaded, now)
    if (mode !== 'peek') keep(ops, mode, loaded, outcome)
    return outcome
  }

  /** A state that was loaded has been changed in place already. */
  function keep(ops: readonly Op[], mode: Mode, loaded: Loaded, { now, results, writes }: Transition): void {
    for (let i = 0; i < results.length; i++) {
      const op = ops[i] as Op
      const table = tableOf(op)
      const known = loaded[i]
      const state = writes[i] ?? known
      if (mode === 'reset') table.delete(op.key)
      else if (state !== undefined) {
        if (known === undefined) table.add(op.key, state, now)
        if (mode === 'consume') place(table, op, state, results[i] as OpResult, now)
      }
    }
  }

  /** A refused key goes out of reach of eviction until its wait is over; an admitted one comes back. */
  function place(table: Table, op: Op, state: State, { passed, reply }: OpResult, now: number): void {
    if (passed) {
      table.release(op.key, now)
      return
    }
    const { waitMs } = (policies[op.policy] as PlannedPolicy).algorithm.read(reply, op, now, false)
    if (waitMs !== null) table.refuse(op.key, state, now + waitMs, now)
  }
}
