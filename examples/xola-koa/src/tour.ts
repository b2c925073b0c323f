import { clockAt, tour } from '@spillway/example-kit'
import { createApp } from './app.js'

const clock = clockAt('2021-02-01T16:03:17.579Z')
const both = { 'X-User-Id': 'ann', 'X-Seller-Id': 'kayaks' }

await tour(createApp({ clock }).callback(), async ({ say, ask, times }) => {
  say("A caller's first request begins a window of 30 minutes. Its end is rounded down.")
  await ask('GET /api/experiences', both)

  say('Of 900 requests one has gone. 899 fit, and four more are counted, although they are refused.')
  await times(903, 'GET /api/experiences', both)

  say("25 minutes and 4 seconds into the window: the API's own sample, to the byte.")
  clock.advance(25 * 60_000 + 4_000)
  await ask('GET /api/experiences', both)

  say('Only this user with this seller is blocked: not the user with another, or with none, nor the address.')
  await ask('GET /api/experiences', { ...both, 'X-Seller-Id': 'canoes' })
  await ask('GET /api/experiences', { 'X-User-Id': 'ann' })
  await ask('GET /api/experiences')

  say('A seller alone counts as the address, whose second request this is.')
  await ask('GET /api/experiences', { 'X-Seller-Id': 'kayaks' })

  say('After the 296 seconds a new window begins.')
  clock.advance(296_000)
  await ask('GET /api/experiences', both)
})
