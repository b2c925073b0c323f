export { type Clock, clockAt } from './clock.js'
export { type Tour, tour } from './tour.js'
