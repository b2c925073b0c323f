import { SpillwayError } from '../errors.js'
import type { Reservation } from '../reservation.js'
import { unref } from '../unref.js'
import type { RequestEnd, SharedOptions } from './options.js'
import { MAX_TIMER_MS } from './sleep.js'
import { type Client, stop, type Visits } from './visits.js'

/** What an adapter tells of a request that holds slots. */
export interface Slots {
  /**
   * Tells whether the response is on its way, as it is unless told: only then, and for what is downstream and held work, are
   * slots renewed. It is not while nobody may ever send it.
   */
  sending(is: boolean): void
  /**
   * Keeps the slots until this has settled too: what is downstream, where there is a promise of it. When the response is
   * over, the client may have left, they are renewed for it a few times more.
   */
  until(downstream: PromiseLike<unknown>): void
}

/**
 * So often are slots renewed for what is downstream of a response that is over: a handler may need time to stop when its
 * client has left, but one that never does must not hold for ever.
 */
const RENEWALS_BEYOND_RESPONSE = 10

/** How a request ended, as far as its framework knows. */
export type End = Pick<RequestEnd, 'status' | 'aborted'>

interface StayOptions {
  /** For how long slots are held at a time; `undefined` where the request holds none. */
  readonly leaseMs: number | undefined
  readonly refund: SharedOptions<never>['refund']
  readonly visits: Visits
  readonly client: Client
}

/** What a request holds until it is over, and its charge, which may be given back then. */
export class Stay implements Slots {
  private readonly held: Reservation
  private readonly options: StayOptions
  /** What must end before the slots are released: the response, what is downstream, held work. */
  private keepers = 1
  /** Held work that has not ended. */
  private works = 0
  /** Renewals for what is downstream alone. */
  private beyond = 0
  private isOver = false
  private isLost = false
  private isSending = true
  private renewedAt = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(held: Reservation, options: StayOptions) {
    this.held = held
    this.options = options
    if (options.leaseMs === undefined) return
    this.renewedAt = performance.now()
    this.schedule()
  }

  /** The response is over. Works once, never rejects. */
  readonly finish = async (end: End): Promise<void> => {
    if (this.isOver) return
    this.isOver = true
    if (!end.aborted) this.options.visits.isAnswered = true
    await Promise.all([this.refund(end), this.letGo()])
  }

  /** Keeps the slots, and renews them, until this has settled, if they are not released yet. */
  hold(work: PromiseLike<unknown>): void {
    this.keep(work, 1)
  }

  until(downstream: PromiseLike<unknown>): void {
    this.keep(downstream, 0)
  }

  sending(is: boolean): void {
    this.isSending = is
    this.schedule()
  }

  private keep(promise: PromiseLike<unknown>, works: 0 | 1): void {
    if (this.keepers === 0) return
    this.keepers++
    this.works += works
    this.schedule()
    const end = () => {
      this.works -= works
      void this.letGo()
    }
    Promise.resolve(promise).then(end, end)
  }

  private async letGo(): Promise<void> {
    this.keepers--
    this.schedule()
    if (this.keepers === 0) await this.held.release()
  }

  private async refund(end: End): Promise<void> {
    const { refund, visits } = this.options
    // A refusal further in is not this request's failure.
    const refused = visits.some((visit) => visit.refused)
    if (await deserves(refund, { ...end, refused })) await this.held.settle(0, { release: false })
  }

  /** Sees to it that the slots are renewed, or are no more. */
  private schedule(): void {
    const { leaseMs } = this.options
    if (leaseMs === undefined) return
    const isAwaited = this.isOver ? this.beyond < RENEWALS_BEYOND_RESPONSE : this.isSending
    const renews = !this.isLost && this.keepers > 0 && (this.works > 0 || isAwaited)
    if (!renews) {
      clearTimeout(this.timer)
      this.timer = undefined
    } else if (this.timer === undefined) {
      const due = this.renewedAt + leaseMs / 3 - performance.now()
      this.timer = unref(setTimeout(() => void this.renew(leaseMs), Math.min(Math.max(0, due), MAX_TIMER_MS)))
    }
  }

  private async renew(leaseMs: number): Promise<void> {
    this.timer = undefined
    this.renewedAt = performance.now()
    if (this.isOver && this.works === 0) this.beyond++
    this.schedule()
    if ((await this.held.renew()) || this.keepers === 0 || this.isLost) return
    this.isLost = true
    this.schedule()
    const message = `A slot of this request is lost: its lease of ${leaseMs} ms ended before it was renewed, or it was reset. Others may hold it now.`
    stop(this.options.visits, this.options.client, new SpillwayError('LEASE_LOST', message))
  }
}

async function deserves(refund: StayOptions['refund'], end: RequestEnd): Promise<boolean> {
  if (typeof refund === 'function') {
    try {
      return (await refund(end)) === true
    } catch (error) {
      console.error('spillway: `refund` threw; the charge stands.', error)
      return false
    }
  }
  if (refund === undefined || end.aborted || end.status === undefined || end.refused) return false
  return refund === 'failed' ? end.status >= 400 : end.status < 400
}
