import { describe } from 'vitest'
import { testTogether } from './testing/properties.js'

describe('several policies in one limiter', () => testTogether())
