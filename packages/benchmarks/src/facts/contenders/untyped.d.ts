declare module 'koa-ratelimit/index.js' {
  import type { Middleware } from 'koa'
  export default function ratelimit(options: object): Middleware
}
