import process from 'node:process'
import { files } from 'virtual:files'
import { run } from './run.js'

const results = await run(files)
// Connections that tests have left open are no reason to stay.
process.stdout.write(JSON.stringify(results), () => process.exit(0))
