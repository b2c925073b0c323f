import type { RequestHandler } from 'express'
import type { MiddlewareHandler } from 'hono'
import type { Redis, RedisOptions } from 'ioredis'
import type { Middleware } from 'koa'

/** What is measured: one file of `subjects/floors`, `ours` or `rivals`. It leaves out what it cannot do. */
export interface Subject {
  /** As its row is called. */
  readonly name: string
  readonly algorithm: string
  /** Decides in this process: `memory` and `footprint`. */
  readonly memory?: Memory
  /** Stands before a route: `http`. */
  readonly http?: Http
  /** Counts in Redis: `redis`. In a file of its own, so that what decides in memory has no client loaded. */
  readonly redis?: InRedis
}

export interface Memory {
  /** As its users would make it, for one policy. */
  make(limits: Limits): Asked
  /** Several policies in one decision. Without it that many are made, and asked one after the other. */
  makeSeveral?(limits: readonly Limits[]): Asked
  /** With how many keys it can be measured in reasonable time, and why with no more. */
  readonly most?: { readonly keys: number; readonly because: string }
}

/** As `Memory`, on a client that is connected. */
export interface InRedis {
  /** Of the client, where its users are told which. */
  readonly options?: Omit<RedisOptions, 'replyMapping'>
  make(limits: Limits, client: Redis): Asked | Promise<Asked>
  makeSeveral?(limits: readonly Limits[], client: Redis): Asked | Promise<Asked>
}

export interface Limits {
  readonly limit: number
  readonly windowMs: number
  /** Where it is bounded: room for all keys of the run, so that nobody drops any. */
  readonly maxKeys: number
}

/**
 * Its middleware by framework, as its users would make it, and with the same limit headers as far as it has them. Promises, so
 * that a process loads only what it measures; nothing is the bare framework.
 */
export interface Http {
  express?(rate: Rate): Promise<RequestHandler | undefined>
  koa?(rate: Rate): Promise<Middleware | undefined>
  hono?(rate: Rate): Promise<MiddlewareHandler | undefined>
  /** Where it does not do the same as the others. */
  readonly notes?: { readonly [F in Framework]?: string }
}

export type Framework = 'express' | 'koa' | 'hono'

export type Rate = Pick<Limits, 'limit' | 'windowMs'>

/**
 * What it answers is kept for a moment, so that a result which callers would get is really made. A refusal may be a
 * rejection: then `allowed` is given the reason.
 */
export interface Asked {
  ask(key: string): unknown
  allowed(result: unknown): boolean
}

/** For a subject's file: `Asked` with the type of its results. */
export function asked<R>(ask: (key: string) => R | Promise<R>, allowed: (result: R) => boolean): Asked {
  return { ask, allowed }
}
