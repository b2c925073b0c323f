import { describe } from 'vitest'
import { fixedWindowKind } from '../../testing/kinds.js'
import { testProperties } from '../../testing/properties.js'
import { testVectors } from '../../testing/vectors.js'
import { fixedWindowVectors } from './fixed-window.vectors.js'

describe('fixedWindow', () => {
  testVectors(fixedWindowVectors)
  testProperties(fixedWindowKind)
})
