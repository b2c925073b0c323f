import { fetchServer, findServer } from './binary.js'

const INSTALL = 'sudo apt-get install -y redis-server'

/** Once per run of the tests: looks for a server, or fetches one, and tells the tests by `REDIS_SERVER_BIN`. */
export default function setup(): void {
  const server = findServer() ?? fetched()
  if (server !== undefined) process.env['REDIS_SERVER_BIN'] = server
}

function fetched(): string | undefined {
  try {
    return fetchServer()
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] as string) : String(error)
    const missing = `No redis-server or valkey-server on PATH, and none could be fetched (${why})`
    if (process.env['CI']) throw new Error(`${missing}. Install one: ${INSTALL}`)
    console.warn(`${missing}: the tests against a real Redis are skipped. To run them: ${INSTALL}`)
    return undefined
  }
}
