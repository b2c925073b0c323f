/** Sends a request as this persona. */
export type Ask = (method: 'GET' | 'POST', path: string) => Promise<{ status: number; headers: Headers }>

/** Waits so many ms; rejects when the show is over. */
type Pause = (ms: number) => Promise<void>

/** A client with an API key, and so with limits, of its own. */
export interface Persona {
  readonly name: string
  readonly apiKey: string
  readonly habit: string
  /** Asks until `pause` rejects. */
  act(ask: Ask, pause: Pause): Promise<void>
}

/** Polite: the one that must never be refused twice in a row. */
export const ada: Persona = {
  name: 'Ada',
  apiKey: 'key-of-ada',
  habit: 'asks 8 times a second; once refused, she waits as long as Retry-After says',
  async act(ask, pause) {
    for (;;) {
      const { status, headers } = await ask('GET', '/')
      await pause(status === 429 ? 1000 * (Number(headers.get('retry-after')) || 1) : 125)
    }
  },
}

const bob: Persona = {
  name: 'Bob',
  apiKey: 'key-of-bob',
  habit: 'asks 15 times at once, every 3 s',
  async act(ask, pause) {
    for (;;) {
      await Promise.all(Array.from({ length: 15 }, () => ask('GET', '/')))
      await pause(3000)
    }
  },
}

const cleo: Persona = {
  name: 'Cleo',
  apiKey: 'key-of-cleo',
  habit: 'asks 8 times a second, refused or not',
  async act(ask, pause) {
    for (;;) {
      await ask('GET', '/')
      await pause(125)
    }
  },
}

const dan: Persona = {
  name: 'Dan',
  apiKey: 'key-of-dan',
  habit: 'tries to log in twice a second',
  async act(ask, pause) {
    for (;;) {
      await ask('POST', '/login')
      await pause(500)
    }
  },
}

/** What watches a server's health, without a key. It is not in the picture, for it must never be limited. */
export const monitor: Persona = {
  name: 'the monitor',
  apiKey: '',
  habit: 'asks for /health 10 times a second',
  async act(ask, pause) {
    for (;;) {
      await ask('GET', '/health')
      await pause(100)
    }
  },
}

export const personas: readonly Persona[] = [ada, bob, cleo, dan]
