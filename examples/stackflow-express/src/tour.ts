import { clockAt, tour } from '@spillway/example-kit'
import { createApp } from './app.js'

const clock = clockAt('2026-03-01T12:00:42.000Z')
const ada = { Authorization: 'Bearer user:ada' }
const ci = { Authorization: 'Bearer service:ci' }

await tour(createApp({ clock }), async ({ say, ask, times }) => {
  say('A user, standard: 300 a minute. The window ends on the whole minute, in 18 seconds.')
  await ask('GET /records', ada)

  say('Each class has a limit of its own, and a request belongs to one: this one to bulk, not to write.')
  await ask('POST /bulk/import', ada)
  await ask('POST /records', ada)

  say('Ten bulk requests a minute; one has gone.')
  await times(9, 'POST /bulk/import', ada)
  await ask('POST /bulk/import', { ...ada, 'X-Request-Id': 'tour-1' })

  say('On the whole minute the window is full again.')
  clock.advance(18_000)
  await ask('POST /bulk/import', ada)

  say('A service account has ten times as much.')
  await ask('POST /bulk/import', ci)

  say('A model that throttles us is 503, never our 429.')
  await ask('POST /ai/busy', ada)

  say('Without a token, or with one that has expired: counted by the gateway alone, whose limit is shown.')
  await ask('GET /records')
  await ask('GET /records', { Authorization: 'Bearer user:ada@1772366400' })

  say('The gateway: 5,000 requests a second, of everyone together. Five of these have gone.')
  await times(4_995, 'GET /records')
  await ask('GET /records', { ...ada, 'X-Request-Id': 'tour-2' })

  say('A millisecond later five more fit.')
  clock.advance(1)
  await ask('GET /records', ada)
})
