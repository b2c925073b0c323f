import { createAdaptorServer as serve2 } from '@hono/node-server'
import type { Harness } from '@spillway/conformance'
import type { Hono } from 'hono'
import { createAdaptorServer as serve1 } from 'node-server-1'
import type { AnyContext } from '../types.js'
import { harness, type Server } from './harness.js'

/** Its server for Node, each major version of it. */
export const servers = {
  '@hono/node-server 2': serve2,
  '@hono/node-server 1': serve1 as unknown as typeof serve2,
}

const on = (serve: typeof serve2) => (app: Hono) =>
  serve({ fetch: app.fetch }).listen(0, '127.0.0.1') as Server

/** A harness for each of them. */
export const harnesses: readonly Harness<AnyContext>[] = Object.entries(servers).map(([name, serve]) =>
  harness(name, on(serve)),
)
