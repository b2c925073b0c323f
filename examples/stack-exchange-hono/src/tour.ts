import { getRequestListener } from '@hono/node-server'
import { clockAt, tour } from '@spillway/example-kit'
import { createApp } from './app.js'

const clock = clockAt('2026-03-01T21:00:00.000Z')
const questions = 'GET /2.0/questions'
const keyed = `${questions}?key=key-of-reader`
const ann = `${keyed}&access_token=ann.reader`

/** So that no pace is exceeded. */
const calmly = { every: 30, pause: () => clock.advance(1_000) }

await tour(getRequestListener(createApp({ clock }).fetch), async ({ say, ask, times }) => {
  say('With a key, 10,000 a day for this key from this address: the body says what is left.')
  await ask(keyed)

  say("From the 16th of a route's 20 calls in 10 seconds on it says `backoff` too.")
  await times(14, keyed)
  await ask(keyed)

  say(
    "301 calls with the key; one without it is the address's own, of its 300; and with it again it is the 302nd.",
  )
  clock.advance(10_000)
  await times(285, keyed, {}, calmly)
  clock.advance(10_000)
  await ask(questions)
  await ask(keyed)

  say('An access token is a pool of its own: that of its user and app.')
  await ask(ann)

  say("An expired one is an error: it falls through neither to the key's pool nor to the address's.")
  await ask(`${ann}@1772366400`)

  say(
    '30 requests a second for an address, whoever calls from there; four have gone. Then all is refused for 30 s.',
  )
  await times(26, ann)
  await ask(keyed)

  say('Asking does not lengthen it, and each refusal says when it ends. `/throttle` tells the whole of it.')
  clock.advance(12_000)
  await ask(keyed)
  await ask('GET /throttle?key=key-of-reader')

  say('18 s later all may call again. Who goes over the pace once more stays out for a minute.')
  clock.advance(18_000)
  await times(30, keyed)
  await ask(keyed)

  say(
    'Of its 300 a day the address has 299 left. After them it waits for 00:00 UTC, and `/throttle` says so.',
  )
  clock.advance(60_000)
  await times(299, questions, {}, calmly)
  await ask(questions)
  await ask('GET /throttle')
})
