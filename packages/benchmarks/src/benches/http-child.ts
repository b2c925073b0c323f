import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '../child.js'
import type { Framework, Http } from '../subject.js'
import type { Reading } from './http.js'
import { servers } from './http-servers.js'
import { processorMs } from './processor-time.js'

await serve(async (subject, [framework, limit]): Promise<() => Reading> => {
  const rate = { limit: Number(limit), windowMs: 60_000 }
  const server = await servers[framework as Framework](subject.http as Http, rate)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return () => ({ port, processorMs: processorMs() })
})
