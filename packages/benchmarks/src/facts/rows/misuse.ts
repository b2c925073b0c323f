import { listening } from '../console.js'
import { admitted, type Make } from '../contender.js'
import { type Fact, ofEach, pick } from '../fact.js'
import type { Stage } from '../stage.js'

const ASKED = 20
const good = { name: 'misuse', limit: 5, windowMs: 60_000 }

export const notANumber: Fact = {
  row: `\`limit: NaN\`, and what it admits of ${ASKED}`,
  try: ({ makes }) =>
    ofEach(own(makes), (make, stage) => outcome(make, stage, { ...good, limit: Number.NaN })),
}

export const unknownOption: Fact = {
  row: 'an unknown option',
  try: ({ makes }) =>
    ofEach(own(makes), async (make, stage) => {
      // It is there beside all that are right.
      const said = await outcome(make, stage, good, { limitt: 5 })
      return said.replace(/: \d+$/, '')
    }),
}

const own = (makes: Readonly<Record<string, Make>>) => pick(makes, ({ clock }) => clock === 'process')

function outcome(
  make: Make,
  stage: Stage,
  limit: typeof good,
  more?: Record<string, unknown>,
): Promise<string> {
  return listening(async (said) => {
    const made = await make
      .make([limit], stage, more)
      .catch((error: unknown) => `error at start${codeOf(error)}`)
    if (typeof made === 'string') return made
    const count = await admitted(made.ask, '10.0.0.1', ASKED).catch((error: unknown) => error)
    if (typeof count !== 'number') return `error at the first request${codeOf(count)}`
    return `${said.length > 0 ? 'logged' : 'silent'}: ${count}`
  })
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: string }
  return code === undefined ? '' : ` (\`${code}\`)`
}
