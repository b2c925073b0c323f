import type { Op } from './algorithms/algorithm.js'
import { forPolicy, type PerPolicy } from './call.js'

/** So many charges of one policy are told apart; of what is older less may be given back than was charged. */
const MOST = 100

interface Account {
  readonly name: string
  /** The estimate. */
  readonly op: Op
  /** Oldest first, each with the mark by which the store finds it again. */
  readonly charges: Op[]
  total: number
  /** Units of the total that something else has charged, while the store was away: it is told when all is settled. */
  owed: number
  /** Units that were produced so far, once any were. */
  metered: number | undefined
}

/** What one reservation has charged, by policy. */
export class Charges {
  private readonly accounts: readonly Account[]

  /** @param nameOf an op's policy */
  constructor(charged: readonly Op[], nameOf: (op: Op) => string) {
    this.accounts = charged.map((op) => ({
      name: nameOf(op),
      op,
      charges: op.cost > 0 ? [op] : [],
      total: op.cost,
      owed: 0,
      metered: undefined,
    }))
  }

  /** What must be charged besides, so that all is that was produced, with so many units more. */
  missing(produced: PerPolicy<string>): Op[] {
    return this.accounts.flatMap(({ name, op, total, metered = 0 }) => {
      const cost = metered + (forPolicy(produced, name) ?? 0) - total
      return cost > 0 ? [{ ...op, cost }] : []
    })
  }

  produced(units: PerPolicy<string>): void {
    for (const account of this.accounts) {
      const more = forPolicy(units, account.name)
      if (more !== undefined) account.metered = (account.metered ?? 0) + more
    }
  }

  /** @param charged ops of {@link missing}, with their marks; one without a mark cannot be given back */
  add(charged: readonly Op[]): void {
    for (const op of charged) {
      const account = this.accountOf(op)
      account.total += op.cost
      if (op.mark === undefined) continue
      const { charges } = account
      const last = charges.at(-1)
      if (last?.mark === op.mark) charges[charges.length - 1] = { ...last, cost: last.cost + op.cost }
      else charges.push(op)
      if (charges.length > MOST) {
        const [first, second] = charges.splice(0, 2) as [Op, Op]
        charges.unshift({ ...first, cost: first.cost + second.cost })
      }
    }
  }

  /** @param charged ops of {@link missing}, which the store knows nothing of */
  owe(charged: readonly Op[]): void {
    for (const op of charged) {
      const account = this.accountOf(op)
      account.total += op.cost
      account.owed += op.cost
    }
  }

  private accountOf({ policy }: Op): Account {
    return this.accounts.find(({ op }) => op.policy === policy) as Account
  }

  /**
   * What changes them to these costs, or to what was produced, or leaves them; the newest charges are given back first.
   * Adjustments, each of which names a policy at most once.
   */
  changesTo(actual: PerPolicy<string> | undefined): Op[][] {
    const adjustments: Op[][] = []
    for (const { name, op, charges, total, owed, metered = op.cost } of this.accounts) {
      const given = actual === undefined ? undefined : forPolicy(actual, name)
      const target = given ?? metered
      const difference = target - (total - owed)
      // What is in doubt may not be there: the rest is not given back in its place.
      const certain = charges.reduce((sum, { cost }) => sum + cost, 0)
      const changes =
        difference > 0
          ? [{ ...op, cost: difference }]
          : givenBack(charges, Math.min(-difference, certain - target))
      changes.forEach((change, i) => {
        adjustments[i] = [...(adjustments[i] ?? []), change]
      })
    }
    return adjustments
  }
}

function givenBack(charges: readonly Op[], units: number): Op[] {
  const ops: Op[] = []
  let left = units
  for (let i = charges.length - 1; left > 0 && i >= 0; i--) {
    const op = charges[i] as Op
    const cost = Math.min(op.cost, left)
    ops.push({ ...op, cost: -cost })
    left -= cost
  }
  return ops
}
