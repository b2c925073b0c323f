import type { Reading } from './algorithm.js'

/**
 * What an algorithm reads. A class, since literals of one form are objects of one kind for the engine, wherever they are written:
 * once one algorithm puts a larger number into a field (a month in ms), that kind is given up, others go on making objects of
 * it, and each of them is converted where it is used. A decision took two to three times as long.
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
    delayMs = 0,
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
