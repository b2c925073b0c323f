import autocannon from 'autocannon'
import type { Blast, Hits } from './http-load.js'

const CONNECTIONS = 16

/** The other process: sends requests to a server for a while, and counts what it answers. */
process.on('disconnect', () => process.exit())
process.on('message', ({ port, ms }: Blast) => {
  void hit(port, ms).then((hits) => process.send?.(hits))
})

async function hit(port: number, ms: number): Promise<Hits> {
  const url = `http://127.0.0.1:${port}/`
  const options = { url, connections: CONNECTIONS, pipelining: 1, duration: ms / 1000, sampleInt: 50 }
  const result = await autocannon(options)
  const statuses = Object.entries(result.statusCodeStats ?? {})
  const of = (status: string) => statuses.find(([code]) => code === status)?.[1].count ?? 0
  const admitted = of('200')
  const refused = of('429')
  const answers = statuses.reduce((sum, [, { count = 0 }]) => sum + count, 0)
  if (result.errors > 0 || answers !== admitted + refused) {
    throw new Error(`${result.errors} errors, and these statuses: ${JSON.stringify(result.statusCodeStats)}`)
  }
  return { ms: result.finish.getTime() - result.start.getTime(), admitted, refused }
}
