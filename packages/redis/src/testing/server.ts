import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findServer } from './binary.js'

/** A Redis of the test's own on a free loopback port. */
export interface RedisServer {
  readonly port: number
  readonly process: ChildProcess
  /** Its working directory: a server that starts here again finds the same data. */
  readonly folder: string
  stop(): Promise<void>
}

export interface ServerOptions {
  readonly port?: number
  readonly folder?: string
  /** As on the command line, without the dashes. */
  readonly config?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** @default the server that was found */
  readonly binary?: string | undefined
}

const running = new Set<RedisServer>()
// Of a test run that is cut short nothing stays behind.
process.once('exit', () => {
  for (const { process } of running) process.kill('SIGKILL')
})

/** Starts a server and waits until it answers. */
export async function startServer(options: ServerOptions = {}): Promise<RedisServer> {
  const server = await startedServer(options)
  if (server !== undefined) return server
  // Somebody else may have taken the free port meanwhile: another one.
  const again = options.port === undefined ? await startedServer(options) : undefined
  if (again === undefined) throw new Error('Redis did not start.')
  return again
}

async function startedServer({
  port: wanted,
  folder: given,
  config = {},
  args = [],
  binary = findServer(),
}: ServerOptions): Promise<RedisServer | undefined> {
  if (binary === undefined) throw new Error('There is no redis-server or valkey-server here.')
  const port = wanted ?? (await freePort())
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'spillway-redis-')))
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    save: '',
    appendonly: 'no',
    dir: folder,
    ...config,
  }
  const child = spawn(
    binary,
    [...args, ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])],
    { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder },
  )
  const server: RedisServer = {
    port,
    process: child,
    folder,
    async stop() {
      running.delete(server)
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
      }
      if (given === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
  running.add(server)
  if (await answers(server)) return server
  await server.stop()
  return undefined
}

/** Ends whatever a test has left running. */
export async function stopServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.stop()))
}

export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until this very server answers, or wants a password. */
async function answers({ port, process: child }: RedisServer): Promise<boolean> {
  for (let tries = 0; tries < 500 && child.exitCode === null; tries++) {
    const said = await ask(port, 'INFO server')
    if (said.includes(`process_id:${child.pid}\r\n`) || said.startsWith('-NOAUTH')) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}

function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`))
    socket.once('data', (data) => end(data.toString()))
    socket.once('error', () => end(''))
    function end(said: string): void {
      socket.destroy()
      resolve(said)
    }
  })
}
