import { createAdaptorServer as serve2 } from '@hono/node-server'
import type { Harness } from '@spillway/conformance'
import type { Hono } from 'hono'
import { createAdaptorServer as serve1 } from 'node-server-1'
import type { AnyContext } from '../types.js'
import { harness, type Server } from './harness.js'

const on = (serve: typeof serve2) => (app: Hono) =>
  serve({ fetch: app.fetch }).listen(0, '127.0.0.1') as Server

/** A harness for each major version of its server for Node. */
export const harnesses: readonly Harness<AnyContext>[] = [
  harness('@hono/node-server 2', on(serve2)),
  harness('@hono/node-server 1', on(serve1 as unknown as typeof serve2)),
]
