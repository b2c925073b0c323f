import { it } from 'vitest'
import { check, PATIENCE, SEEDED } from './testing/check.js'
import { checkLives, lives } from './testing/lives.js'

it(
  `when all work has ended, what was settled is charged and nothing is held ${SEEDED}`,
  {
    timeout: PATIENCE,
  },
  () => check(lives, (all) => checkLives(all, {})),
)
