import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { binaryOf } from './binary.js'
import { bundle } from './bundle.js'
import type { Result } from './inside/run.js'
import { PATIENCE } from './start.js'

const CONDITIONS = ['workerd', 'worker', 'browser']

/** The edge's part: it tells a Worker its client's address. */
const EDGE = '(injectRequestHeaders = [(name = "CF-Connecting-IP", value = "127.0.0.1")])'

/** Runs test files in a Worker, which a request starts and whose answer are the results. */
export async function runInWorker(
  name: string,
  { files, node }: { files: readonly string[]; node: boolean },
): Promise<Result[]> {
  const module = await bundle(name, { entry: 'worker', files, conditions: CONDITIONS, node })
  const config = module.replace('.mjs', '.capnp')
  writeFileSync(config, configOf(`${name}.mjs`, node ? [] : ['no_nodejs_compat', 'no_nodejs_compat_v2']))
  const workerd = spawn(binaryOf('workerd'), ['serve', config, '--control-fd=3'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const heard: unknown[] = []
  workerd.stderr?.on('data', (chunk) => heard.push(chunk))
  try {
    const port = await portOf(workerd)
    const door = await doorTo(port)
    const run = `http://127.0.0.1:${port}/?door=${(door.address() as AddressInfo).port}`
    // `fetch` would give up after five minutes without an answer.
    const [response] = await once(get(run, { signal: AbortSignal.timeout(PATIENCE) }), 'response')
    door.close()
    return JSON.parse(await text(response))
  } catch (cause) {
    throw new Error(`workerd: ${heard.join('')}`, { cause })
  } finally {
    workerd.kill()
  }
}

function configOf(module: string, flags: readonly string[]): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "tests", worker = (
      modules = [(name = "tests", esModule = embed "${module}")],
      compatibilityDate = "2026-11-01",
      compatibilityFlags = ${JSON.stringify(['enable_request_signal', ...flags])},
    )),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = ${EDGE}, service = "tests")],
);
`
}

/** workerd says where it listens on its control channel. */
async function portOf(workerd: ChildProcess): Promise<number> {
  const lines = createInterface({ input: workerd.stdio[3] as Readable })
  for await (const line of lines) {
    const { event, port } = JSON.parse(line)
    if (event === 'listen') return port
  }
  throw new Error('it never listened')
}

/**
 * A way in that resets the connection when a client leaves. workerd hears of a departure only by a reset, or when it
 * writes; sockets that a Worker opens cannot reset.
 */
async function doorTo(port: number): Promise<Server> {
  const door = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect(port, '127.0.0.1')
    client.pipe(server, { end: false })
    server.pipe(client)
    client.on('end', () => server.resetAndDestroy())
    for (const socket of [client, server]) socket.on('error', () => client.destroy())
    client.on('close', () => server.resetAndDestroy())
  })
  await once(door.listen(0, '127.0.0.1'), 'listening')
  return door
}
