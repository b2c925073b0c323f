import { parseArgs } from 'node:util'
import { runLive } from './live/live.js'
import { replayLog } from './replay-log.js'

const HELP = `Shows Spillway at work. All traffic stays on this machine.

  npm run demo                  12 s of traffic from four clients to an Express, a Koa and a Hono server
  npm run demo -- --log FILE    replays an access log (combined format) through all three
  npm run demo -- --help        this text`

// Children and sockets end with this process.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  let options: ReturnType<typeof parse>
  try {
    options = parse(args)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`)
    return 2
  }
  if (options.help) {
    console.log(HELP)
    return 0
  }
  return options.log === undefined ? runLive() : replayLog(options.log)
}

function parse(args: string[]) {
  return parseArgs({ args, options: { log: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
    .values
}
