import type { Reading } from './algorithm.js'

/**
 * What an algorithm reads. A class, since the engine takes literals of one form for one kind of object, wherever they are
 * written: once one algorithm puts a number of another size into them (a month in ms), others go on making objects of the
 * kind before, and each is converted where it is used. A decision took two to five times as long.
 */
export class Figures implements Reading {
  declare readonly limit: number
  declare readonly windowMs: number
  declare readonly used: number
  declare readonly remaining: number
  declare readonly resetMs: number
  declare readonly waitMs: number | null
  declare readonly delayMs: number

  constructor(
    limit: number,
    windowMs: number,
    used: number,
    resetMs: number,
    waitMs: number | null,
    delayMs: number,
  ) {
    this.limit = limit
    this.windowMs = windowMs
    this.used = used
    this.remaining = used >= limit ? 0 : limit - used
    this.resetMs = resetMs
    this.waitMs = waitMs
    this.delayMs = delayMs
  }
}
