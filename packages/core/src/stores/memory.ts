import type { Op, State } from '../algorithms/algorithm.js'
import { SpillwayError } from '../errors.js'
import { checkOptions } from '../options.js'
import { checkCount } from '../policy.js'
import type { Mode, OpResult, Outcome, Plan, PlannedPolicy, SyncApply, SyncStore } from '../store.js'
import { Table } from './table.js'

export interface MemoryStoreOptions {
  /** The most live keys per policy, and the most refused ones beside them. @default 100_000 */
  maxKeys?: number
}

export interface MemoryStore extends SyncStore {
  /** What it holds now, and what it had to give up, over all policies. */
  stats(): MemoryStats
}

export interface MemoryStats {
  readonly keys: number
  readonly refusedKeys: number
  /** Keys dropped while they still had something charged. */
  readonly evictedLive: number
  /** Keys dropped while they were being refused. */
  readonly evictedRefused: number
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

  return {
    sync: true,

    prepare(plan) {
      return prepare(plan.policies.map((policy) => ({ policy, table: tableOf(plan, policy) })))
    },

    stats() {
      const sum = { keys: 0, refusedKeys: 0, evictedLive: 0, evictedRefused: 0 }
      for (const table of tables.values()) {
        sum.keys += table.size
        sum.refusedKeys += table.refusedSize
        sum.evictedLive += table.evictedLive
        sum.evictedRefused += table.evictedRefused
      }
      return sum
    },
  }
}

interface Slot {
  readonly policy: PlannedPolicy
  readonly table: Table
}

function prepare(slots: readonly Slot[]): SyncApply {
  const slotOf = (op: Op) => slots[op.policy] as Slot

  return (ops, mode, now = Date.now()) => {
    if (mode === 'consume' || mode === 'peek') return decide(ops, now, mode === 'consume')
    return change(ops, now, mode)
  }

  /** Checks every op, then charges all or none. Without `keep` it works on copies. */
  function decide(ops: readonly Op[], now: number, keep: boolean): Outcome {
    if (ops.some(({ edges }) => edges && (now < edges[0] || now >= edges[3])))
      return { now, passed: false, results: [] }
    const states: State[] = []
    const known: boolean[] = []
    const alone: boolean[] = []
    let passed = true
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i] as Op
      const { policy, table } = slotOf(op)
      const found = table.get(op.key)
      const state = found === undefined ? policy.algorithm.empty() : keep ? found : found.slice()
      policy.algorithm.rebase(state, op, now)
      const admitted = op.fits && policy.algorithm.admits(state, op, now)
      if (!admitted && !policy.shadow) passed = false
      states.push(state)
      known.push(found !== undefined)
      alone.push(admitted)
    }

    const results: OpResult[] = []
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i] as Op
      const { policy, table } = slotOf(op)
      const { algorithm } = policy
      const state = states[i] as State
      const admitted = alone[i] as boolean
      let isKnown = known[i] as boolean

      const charged = op.cost > 0 && op.fits && ((passed && admitted) || policy.chargeRefused)
      if (charged) {
        if (passed && admitted) algorithm.charge(state, op, now)
        else algorithm.chargeRefused(state, op, now)
        if (keep && !isKnown) {
          table.add(op.key, state, now)
          isKnown = true
        }
      }
      const reply = algorithm.reply(state, op, now)
      if (keep && isKnown) {
        if (admitted) table.release(op.key, now)
        else {
          const { waitMs } = algorithm.read(reply, op, now, false)
          if (waitMs !== null) table.refuse(op.key, state, now + waitMs, now)
        }
      }
      results.push({ passed: admitted, reply })
    }
    return { now, passed, results }
  }

  function change(ops: readonly Op[], now: number, mode: Mode): Outcome {
    const results = ops.map((op) => {
      const { policy, table } = slotOf(op)
      const { algorithm } = policy
      if (mode === 'reset') table.delete(op.key)
      const found = table.get(op.key)
      const state = found ?? algorithm.empty()
      if (mode === 'adjust') {
        if (op.cost < 0) algorithm.refund(state, op, now)
        else if (op.cost > 0) algorithm.charge(state, op, now)
        if (found === undefined && op.cost > 0) table.add(op.key, state, now)
      }
      return { passed: true, reply: algorithm.reply(state, op, now) }
    })
    return { now, passed: true, results }
  }
}
