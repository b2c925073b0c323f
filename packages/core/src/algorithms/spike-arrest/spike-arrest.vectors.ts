import { cancel, consume, no, peek, reserve, settle, type Vector, yes } from '../vector.js'
import { spikeArrest } from './spike-arrest.js'

/** State: level, time, rate. */
export const spikeArrestVectors: readonly Vector[] = [
  {
    title: '5ps: one each 200 ms, however few came before',
    policy: spikeArrest('5ps'),
    steps: [
      [0, consume(), yes(1, 0, 200), [1000, 0, 5]],
      [0, consume(), no(1, 0, 200, 200)],
      [199, consume(), no(1, 0, 1, 1), [1000, 0, 5]],
      [200, peek(), yes(1, 0, 200), [1000, 0, 5]],
      [200, consume(), yes(1, 0, 200), [1000, 200, 5]],
      [5000, consume(), yes(1, 0, 200)],
      [5000, consume(), no(1, 0, 200, 200), [1000, 5000, 5]],
    ],
  },
  {
    title: '3ps: 333 ms twice, then 334',
    policy: spikeArrest('3ps'),
    steps: [
      [0, consume(), yes(1, 0, 334), [1000, 0, 3]],
      [332, consume(), no(1, 0, 2, 1)],
      [333, consume(), yes(1, 0, 334), [1001, 333, 3]],
      [666, consume(), yes(1, 0, 334), [1002, 666, 3]],
      [999, consume(), no(1, 0, 1, 1)],
      [1000, consume(), yes(1, 0, 334), [1000, 1000, 3]],
    ],
  },
  {
    title: '300pm: as 5ps, counted finer',
    policy: spikeArrest('300pm'),
    steps: [
      [0, consume(), yes(1, 0, 200), [60_000, 0, 300]],
      [100, consume(), no(1, 0, 100, 100)],
      [199, consume(), no(1, 0, 1, 1)],
      [200, consume(), yes(1, 0, 200), [60_000, 200, 300]],
    ],
  },
  {
    title: 'one unit at a time, or none, and a limit of 0',
    policy: spikeArrest('5ps'),
    steps: [
      [0, consume(2), no(0, 1, 0, null)],
      [0, consume(0), yes(0, 1, 0)],
      [0, consume(1, 0), no(0, 0, 0, null)],
      [0, consume(), yes(1, 0, 200)],
      [100, consume(0), yes(1, 0, 100), [1000, 0, 5]],
    ],
  },
  {
    title: 'a clock set back: up to a minute time stands still, further back it is believed',
    policy: spikeArrest('5ps'),
    steps: [
      [3_600_000, consume(), yes(1, 0, 200), [1000, 3_600_000, 5]],
      [3_540_000, consume(), no(1, 0, 60_200, 60_200), [1000, 3_600_000, 5]],
      [3_539_999, consume(), no(1, 0, 200, 200), [1000, 3_539_999, 5]],
      [0, consume(), no(1, 0, 200, 200), [1000, 0, 5]],
      [200, consume(), yes(1, 0, 200), [1000, 200, 5]],
    ],
  },
  {
    title: 'refusals that are charged begin the spacing anew',
    policy: spikeArrest('5ps', { chargeRefused: true }),
    steps: [
      [0, consume(), yes(1, 0, 200)],
      [100, consume(), no(1, 0, 201, 200), [1004, 100, 5]],
      [299, consume(), no(1, 0, 201, 200), [1004, 299, 5]],
      [499, consume(), yes(1, 0, 201), [1004, 499, 5]],
    ],
  },
  {
    title: 'settling: given back before its spacing has passed, and a debt',
    policy: spikeArrest('5ps'),
    steps: [
      [0, reserve(), yes(1, 0, 200)],
      [199, cancel()],
      [199, reserve(), yes(1, 0, 200), [1000, 199, 5]],
      [199, settle(3), undefined, [3000, 199, 5]],
      [199, consume(), no(3, 0, 600, 600)],
      [199, consume(0), no(3, 0, 600, 400)],
      [799, reserve(), yes(1, 0, 200), [1000, 799, 5]],
      [999, consume(), yes(1, 0, 200), [1000, 999, 5]],
      [999, cancel(), undefined, [1000, 999, 5]],
    ],
  },
]
