import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Decision, Explanation, Limiter } from '@spillway/core'
import type { Extractors, GateOptions, LimiterForm, RequestRateLimit } from '@spillway/core/http'
import { it } from 'vitest'

/** All that the contract must know of a framework. `R` is what it hands to a handler: a request or a context. */
export interface Harness<R> {
  /** With its major version. */
  readonly framework: string
  createRateLimit(defaults?: Partial<Options<R>>): (options: Options<R>) => Middleware<R>
  readonly extractors: Extractors<R>
  /** Starts a real server with this app on a free port of `127.0.0.1`. */
  listen(app: App<R>): Server
  header(req: R, name: string): string | undefined
  /** What a handler has of its limiter, by the framework's own way. */
  seen(req: R): RequestRateLimit | undefined
  /** `onRefuse` in the framework's own shape. */
  readonly onRefuse: {
    /** Redirects to `/login`, without a word on the status. */
    readonly redirect: unknown
    /** Answers `{"mine": <policy>}` as JSON, without a word on the status. */
    readonly json: unknown
    /** Lets the request through. */
    readonly next: unknown
    readonly throws: unknown
  }
  /** Further ways in which a handler of this framework answers 200 `ok`. */
  readonly ways: Readonly<Record<string, object>>
  /** The connection of a request, for a handler that takes it over. */
  connection?(req: R): Socket
  /** What this framework cannot do, each with its reason. */
  readonly exempt: Readonly<Partial<Record<Exemption, string>>>
}

export type Exemption =
  /** `errors: 'throw'` throws the framework's own HTTP error. */
  | 'throws'
  /** `byRoute()` in front of all routes is a coded error on a path that a route matches. */
  /** `byRoute()` below a mount on a pattern says the pattern. */
  | 'mount patterns'
  /** The app has a proxy setting of its own. */
  | 'proxy setting'
  /** A forwarding header that arrives while nothing is trusted is warned of. */
  | 'untrusted proxies'
  /** A middleware knows when the handler behind it is done. */
  | 'downstream'
  /** A handler can take the connection over. */
  | 'upgrades'

/** The gate's options, whichever form they have, and those of adapters. */
export type Options<R> = Omit<GateOptions<R>, 'cost'> & {
  cost?: GateOptions<R>['cost'] | LimiterForm<R, string>['cost']
  onRefuse?: unknown
  errors?: 'answer' | 'throw'
}

export interface Middleware<R> {
  readonly limiter: Limiter
  decision(req: R): Decision | undefined
  explain(req: R): Promise<Explanation>
}

export interface App<R> {
  /** In front of everything. */
  readonly use?: readonly Middleware<R>[]
  readonly routes?: readonly Route<R>[]
  /** Where all routes are mounted, `/api` or `/orgs/:org`. */
  readonly mount?: string
  /** The app's own error handler: told of an error, and answering `{"own": <code>}` with its status, or 500. */
  readonly onError?: (error: unknown) => void
  /** The framework's own proxy setting. */
  readonly proxy?: 'all' | 'one'
}

export interface Route<R> {
  /** With parameters as `/users/:id`. */
  readonly path: string
  /** @default 'get' */
  readonly method?: 'get' | 'post'
  readonly limits?: readonly Middleware<R>[]
  /** One of {@link Harness.ways} by name, or what all frameworks can do. */
  readonly handler: Handler<R> | string
}

export type Handler<R> = (req: R) => Answer | Promise<Answer>

export interface Answer {
  /** @default 200 */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** An iterable is streamed. */
  readonly body?: string | AsyncIterable<string>
}

/** A test for those frameworks that are not exempt; for the others it is skipped, with the reason. */
export function itUnless(reason: string | undefined): (title: string, test: () => Promise<void>) => void {
  return (title, test) => {
    it(title, (context) => {
      context.skip(reason !== undefined, reason)
      return test()
    })
  }
}
