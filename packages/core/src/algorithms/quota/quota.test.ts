import { describe } from 'vitest'
import { quotaKind } from '../../testing/kinds.js'
import { testProperties } from '../../testing/properties.js'
import { testVectors } from '../../testing/vectors.js'
import { quotaVectors } from './quota.vectors.js'

describe('quota', () => {
  testVectors(quotaVectors)
  testProperties(quotaKind)
})
