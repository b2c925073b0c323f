import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { freePort, startServer } from '../testing/server.js'
import { describeFault } from './clients.js'

const APP = fileURLToPath(new URL('app.mjs', import.meta.url))

function startApp(port: number): ChildProcess {
  return fork(APP, [String(port)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] })
}

async function says(app: ChildProcess, wanted: string): Promise<void> {
  for (;;) {
    const [said] = await once(app, 'message')
    if (said === wanted) return
  }
}

/** Tells it to close its client; answers how it ended, and how long after that. */
async function close(app: ChildProcess): Promise<{ code: number | null; afterMs: number }> {
  const ended = once(app, 'exit')
  app.send('close')
  await says(app, 'closed')
  const closed = performance.now()
  const [code] = await ended
  return { code, afterMs: performance.now() - closed }
}

describeFault('an app', () => {
  it.concurrent('ends by itself once it has closed its client', { timeout: 30_000 }, async () => {
    const app = startApp((await startServer()).port)
    await says(app, 'store')
    const { code, afterMs } = await close(app)
    expect(code).toBe(0)
    expect(afterMs).toBeLessThan(1000)
  })

  it.concurrent('ends by itself where no server ever was', { timeout: 30_000 }, async () => {
    const app = startApp(await freePort())
    await says(app, 'local')
    const { code, afterMs } = await close(app)
    expect(code).toBe(0)
    expect(afterMs).toBeLessThan(1000)
  })

  it.concurrent('ends by itself where the server is frozen', { timeout: 30_000 }, async () => {
    const server = await startServer()
    const app = startApp(server.port)
    await says(app, 'store')
    server.process.kill('SIGSTOP')
    const { code, afterMs } = await close(app)
    expect(code).toBe(0)
    // ioredis waits 2 s for a server to close its side.
    expect(afterMs).toBeLessThan(3000)
  })

  it.concurrent('outlives its server, though it listens to no error', { timeout: 30_000 }, async () => {
    const server = await startServer()
    const app = startApp(server.port)
    await says(app, 'store')
    await server.stop()
    await says(app, 'local')
    await startServer({ port: server.port })
    await says(app, 'store')
    expect((await close(app)).code).toBe(0)
  })
})
