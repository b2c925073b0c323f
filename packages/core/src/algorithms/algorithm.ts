/**
 * What one policy remembers of one key: a flat list of integers, never fractions, never -0.
 * Memory keeps this array and changes it in place; other stores keep the same numbers as text.
 * An absent state is the same as a fully drained one.
 */
export type State = number[]

/** The integers that describe a state after a decision. {@link Algorithm.read} turns them into an answer. */
export type Reply = readonly number[]

/** Four consecutive calendar edges, epoch ms: the clock that made them stands in the second gap. */
export type Edges = readonly [number, number, number, number]

/** One policy's part in one decision. */
export interface Op {
  /** The policy's place in the plan. A decision names each policy at most once, in the order of the plan. */
  readonly policy: number
  readonly key: string
  /** Units to charge: 0 or more. In an adjustment: units to give back (negative) or to add. */
  readonly cost: number
  /** The limit in force for this call: the policy's own, or the caller's. */
  readonly limit: number
  /** False when no wait helps: the limit is 0, or the cost is more than the policy can ever hold. Never written. */
  readonly fits: boolean
  /** Calendar edges around the caller's clock (quota). */
  readonly edges?: Edges | undefined
  /** The time or window of the charge that an adjustment is about, from {@link Algorithm.mark}. */
  readonly mark?: number | undefined
  /** Whose lease it is; in an adjustment what tells it from every other one, so that it is done once. From 1 to 2^52. */
  readonly id?: number
}

/** What a reply says, in the units of the public decision. */
export interface Reading {
  /** The most the policy holds: `limit`, or the burst of a meter. */
  readonly limit: number
  readonly windowMs: number
  readonly used: number
  readonly remaining: number
  /** Until the policy is full again if nobody asks. */
  readonly resetMs: number
  /** Until the same cost would be admitted on this state: 0 means now, `null` never. */
  readonly waitMs: number | null
  /** How much later the admitted work is to start (shaping); else 0. */
  readonly delayMs: number
  readonly spacing?: Spacing
  readonly penalty?: Penalty
}

/** What a spike arrest wanted between two calls, and what it saw before a refusal. */
export interface Spacing {
  readonly wantedMs: number
  readonly seenMs: number
}

/** A penalty that runs. */
export interface Penalty {
  readonly endsInMs: number
  /** How many there were, this one included. */
  readonly offences: number
}

/** The parameters that the twin in Lua is made from, as JSON carries them; `undefined` leaves one out. */
export interface Twin {
  /** The folder-mate `<name>.lua`. */
  readonly name: string
  readonly [parameter: string]: string | number | boolean | Twin | undefined
}

/** Slots that are held until they are released, or until their time has passed. */
export interface Lease {
  /** How long one holds after it was taken or renewed. */
  readonly ms: number
  /** Holds the lease `op.id` anew from now. Answers whether it still held; writes nothing otherwise. */
  renew(state: State, op: Op, now: number): boolean
  /** Gives the lease `op.id` back. Answers whether it was there; writes nothing otherwise. */
  release(state: State, op: Op, now: number): boolean
  /** The reply of a refusal where what is free is for those who wait. */
  full(reply: Reply, op: Op, now: number): Reply
}

/**
 * Pure integer arithmetic over one {@link State}. `rebase`, `admits`, `charge`, `chargeRefused`, `punish`, `refund` and
 * `reply` are what a store runs, wherever it runs; `read` and `mark` explain the reply and exist once, in TypeScript.
 */
export interface Algorithm {
  /** Folder name, version and what gives the state its meaning; never a limit, so that state survives a new one. */
  readonly identity: string
  /** Everything that was configured, for telling two configurations apart. */
  readonly configuration: string
  /** The same arithmetic for a store that cannot run this one. */
  readonly twin: Twin
  /** The most units that can ever be held under this limit: a larger cost never fits. */
  capacity(limit: number): number
  /** @throws SpillwayError when this algorithm cannot hold that limit exactly. */
  check(limit: number): void

  empty(): State
  /** Whether nothing is left of it: dropping the state changes no answer. */
  drained(state: State, now: number): boolean
  /**
   * When the state is more than 60 s ahead of `now`, the clock was set back: carries the charge over to `now`.
   * Answers whether it did.
   */
  rebase(state: State, op: Op, now: number): boolean
  /** Whether the cost is free now. Writes nothing. Only called when the op fits. */
  admits(state: State, op: Op, now: number): boolean
  /** Charges the cost whatever is left, saturating at 2^52. */
  charge(state: State, op: Op, now: number): void
  /** Charges a refused cost (`chargeRefused`). */
  chargeRefused(state: State, op: Op, now: number): void
  /** Begins a penalty for what it has just refused itself, unless one runs. Answers whether it did; writes nothing otherwise. */
  punish?(state: State, now: number): boolean
  /** Gives back `-op.cost` units of the charge marked `op.mark`, where they still count. */
  refund(state: State, op: Op, now: number): void
  /** Where a charge is a slot, taken for the lease `op.id`: it is renewed and released, never adjusted. */
  readonly lease?: Lease
  reply(state: State, op: Op, now: number): Reply

  /** @param charged whether the reply was made after an admission */
  read(reply: Reply, op: Op, now: number, charged: boolean): Reading
  mark(reply: Reply): number
  /** When the window of a reply ends, epoch ms; absent where windows slide. */
  ends?(reply: Reply): number
  /** Until when, epoch ms, {@link read} explains the reply rightly if nothing else happens. */
  holds(reply: Reply): number
  /** Whether the wait of a reply is that of the op it was made for, and not of another cost or limit. @default false */
  readonly tellsOneWait?: boolean
}

/** Counts, limits and levels stay at or below this, so that every sum and product is an exact integer. */
export const MAX_COUNT: number = 2 ** 52

/** A clock set back by more than this is believed; up to it, time stands still for the key. */
export const MAX_SET_BACK_MS = 60_000
