export type { Answer, Ask, Step, Vector } from './algorithms/vector.js'
export { vectors } from './algorithms/vectors.js'
export type { Bench } from './testing/play.js'
export { play } from './testing/play.js'
