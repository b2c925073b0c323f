import type { Response } from 'express'
import type { Context as HonoContext } from 'hono'
import type { Context as KoaContext } from 'koa'

export interface Standing {
  readonly limit: number
  readonly remaining: number
  readonly resetMs: number
}

/** The four headers as one writes them by hand, in the framework's own words. */
export const headersByHand = {
  express(res: Response, { limit, remaining, resetMs }: Standing, windowMs: number) {
    res.setHeader('X-RateLimit-Limit', String(limit))
    res.setHeader('X-RateLimit-Remaining', String(remaining))
    res.setHeader('X-RateLimit-Reset', String(epochSeconds(resetMs)))
    res.setHeader('X-RateLimit-Window', String(windowMs / 1000))
  },
  koa(ctx: KoaContext, { limit, remaining, resetMs }: Standing, windowMs: number) {
    ctx.set('X-RateLimit-Limit', String(limit))
    ctx.set('X-RateLimit-Remaining', String(remaining))
    ctx.set('X-RateLimit-Reset', String(epochSeconds(resetMs)))
    ctx.set('X-RateLimit-Window', String(windowMs / 1000))
  },
  hono(c: HonoContext, { limit, remaining, resetMs }: Standing, windowMs: number) {
    c.header('X-RateLimit-Limit', String(limit))
    c.header('X-RateLimit-Remaining', String(remaining))
    c.header('X-RateLimit-Reset', String(epochSeconds(resetMs)))
    c.header('X-RateLimit-Window', String(windowMs / 1000))
  },
}

export function epochSeconds(inMs: number): number {
  return Math.ceil((Date.now() + inMs) / 1000)
}
