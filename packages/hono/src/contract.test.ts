import { createAdaptorServer as serve2 } from '@hono/node-server'
import { adapterContract } from '@spillway/conformance'
import type { Hono } from 'hono'
import { createAdaptorServer as serve1 } from 'node-server-1'
import { harness, type Server } from './testing/harness.js'

const on = (serve: typeof serve2) => (app: Hono) =>
  serve({ fetch: app.fetch }).listen(0, '127.0.0.1') as Server

adapterContract(harness('@hono/node-server 2', on(serve2)))
adapterContract(harness('@hono/node-server 1', on(serve1 as unknown as typeof serve2)))
