import { clockAt, onEachStore, open, patient } from '@spillway/example-kit/testing'
import { beforeEach } from 'vitest'
import { type AppOptions, createApp } from '../app.js'
import { START } from './expected.js'

/** The same suite on each store, with a clock that stands at `START` before each test, and servers that go by it. */
export function onEachSetUp(suite: (site: ReturnType<typeof setUp>) => void): void {
  onEachStore((newStore) => suite(setUp(newStore)))
}

function setUp(newStore: () => NonNullable<AppOptions['store']>) {
  const clock = clockAt(START)
  beforeEach(() => clock.advance(Date.parse(START) - clock()))
  /** On a store of its own unless one is passed. */
  const start = (options?: AppOptions) =>
    open(createApp({ store: newStore(), clock, ...patient, ...options }))
  return { clock, newStore, start }
}
