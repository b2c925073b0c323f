import { clockAt, tour } from '@spillway/example-kit'
import { createApp } from './app.js'

const clock = clockAt('2026-03-01T23:59:50.000Z')
const service = { 'X-Keap-API-Key': 'KeapSAK-ada' }
const oauth = { Authorization: 'Bearer oauth-bob' }

await tour(createApp({ clock, spike: 'effective' }), async ({ say, ask, times }) => {
  say(
    'A service key. The throttle that is shown is the second, of which a smaller share is left than of the minute.',
  )
  await ask('GET /v2/contacts', service)

  say('An effective spike arrest of 5ps allows bursts: five in any second. One has gone.')
  await times(4, 'GET /v2/contacts', service)
  clock.advance(57)
  await ask('GET /v2/contacts', service)

  say('OAuth callers have no spike arrest: 1,500 a minute, 150,000 a day.')
  await ask('GET /v2/contacts', oauth)
  await times(1_499, 'GET /v2/contacts', oauth)
  await ask('GET /v2/contacts', oauth)

  say('The service key wins when both are sent.')
  clock.advance(943)
  await ask('GET /v2/contacts', { ...service, ...oauth })
})

await tour(createApp({ clock, spike: 'smooth' }), async ({ say, ask }) => {
  say(
    'SPIKE=smooth: one call each 200 ms, in each process. This one is its first, and the next comes 57 ms later.',
  )
  await ask('GET /v2/contacts', service)
  clock.advance(57)
  await ask('GET /v2/contacts', service)

  say('143 ms later it fits.')
  clock.advance(143)
  await ask('GET /v2/contacts', service)
})
