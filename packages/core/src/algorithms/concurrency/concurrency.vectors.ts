import { cancel, no, peek, renew, reserve, reset, settle, type Vector, yes } from '../vector.js'
import { concurrency } from './concurrency.js'

export const concurrencyVectors: readonly Vector[] = [
  {
    title: 'a slot is free when it is released, or when its lease has passed, and not before',
    policy: concurrency({ limit: 2, lease: '10s' }),
    steps: [
      [0, reserve(), yes(1, 1, 10_000)],
      [1000, reserve(), yes(2, 0, 10_000)],
      [1000, reserve(), no(2, 0, 10_000, 9000)],
      [1000, settle(1)],
      [1000, reserve(), yes(2, 0, 10_000)],
      [9999, reserve(), no(2, 0, 1001, 1)],
      [10_000, peek(0), yes(1, 1, 1000)],
      [10_000, peek(), yes(2, 0, 10_000)],
      [10_000, reserve(), yes(2, 0, 10_000)],
      [11_000, peek(0), yes(1, 1, 9000)],
      [11_000, cancel()],
      [11_000, peek(0), yes(0, 2, 0)],
    ],
  },
  {
    title: 'a lease that is renewed holds from then; one that has passed is lost',
    policy: concurrency({ limit: 1, lease: '10s' }),
    steps: [
      [0, reserve(), yes(1, 0, 10_000)],
      [9999, renew()],
      [19_998, reserve(), no(1, 0, 1, 1)],
      [19_999, renew()],
      [19_999, reserve(), yes(1, 0, 10_000)],
      [20_000, cancel()],
      [20_000, reserve(), yes(1, 0, 10_000)],
    ],
  },
  {
    title: 'weights: the wait is for the lease by whose end enough is free',
    policy: concurrency({ limit: 10, lease: '10s' }),
    steps: [
      [0, reserve(3), yes(3, 7, 10_000)],
      [100, reserve(4), yes(7, 3, 10_000)],
      [200, reserve(3), yes(10, 0, 10_000)],
      [300, reserve(3), no(10, 0, 9900, 9700)],
      [300, reserve(4), no(10, 0, 9900, 9800)],
      [300, reserve(10), no(10, 0, 9900, 9900)],
      [300, reserve(11), no(10, 0, 9900, null)],
      [300, reserve(0), yes(10, 0, 9900)],
      [300, cancel()],
      [300, peek(0), yes(10, 0, 9900)],
    ],
  },
  {
    title: "a caller's own limit, and what is held beyond it",
    policy: concurrency({ limit: 2, lease: '10s' }),
    steps: [
      [0, reserve(3, 5), yes(3, 2, 10_000)],
      [1, reserve(), no(3, 0, 9999, 9999)],
      [1, reserve(0), no(3, 0, 9999, 9999)],
      [1, reserve(1, 0), no(3, 0, 9999, null)],
    ],
  },
  {
    title: 'a clock set back: up to a minute a lease lasts longer; further back it holds one lease from then',
    policy: concurrency({ limit: 2, lease: '10s' }),
    steps: [
      [3_600_000, reserve(), yes(1, 1, 10_000)],
      [3_540_000, reserve(), yes(2, 0, 70_000)],
      [3_540_000, reserve(), no(2, 0, 70_000, 10_000)],
      [3_539_999, reserve(), no(2, 0, 10_001, 10_000)],
      [0, reserve(), no(2, 0, 10_000, 10_000)],
      [10_000, reserve(), yes(1, 1, 10_000)],
    ],
  },
  {
    title: 'reset: nothing is held; releasing and renewing find nothing',
    policy: concurrency({ limit: 1, lease: '10s' }),
    steps: [
      [0, reserve(), yes(1, 0, 10_000)],
      [1, reset()],
      [1, peek(0), yes(0, 1, 0)],
      [2, renew()],
      [2, reserve(), yes(1, 0, 10_000)],
      [3, reset()],
      [3, cancel()],
      [3, peek(0), yes(0, 1, 0)],
    ],
  },
]
