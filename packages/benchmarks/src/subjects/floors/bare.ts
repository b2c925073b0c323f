import type { Subject } from '../../subject.js'

const nothing = async () => undefined

export default {
  name: 'bare framework',
  algorithm: 'none',
  http: { express: nothing, koa: nothing, hono: nothing },
} satisfies Subject
