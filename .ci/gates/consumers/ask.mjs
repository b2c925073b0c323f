// Serves the listener that the named program exports, and asks it until it refuses.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'

const { listener } = await import(pathToFileURL(process.argv[2]))
const server = createServer(listener).listen(0, '127.0.0.1')
await once(server, 'listening')

const answers = []
for (let asked = 0; asked < 3; asked++) {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/users/7`)
  await response.text()
  answers.push(`${response.status}, X-RateLimit-Remaining: ${response.headers.get('x-ratelimit-remaining')}`)
}
server.close()
server.closeAllConnections()

assert.deepEqual(
  answers,
  [1, 0].map((left) => `200, X-RateLimit-Remaining: ${left}`).concat('429, X-RateLimit-Remaining: 0'),
)
