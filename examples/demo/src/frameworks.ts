/** All for which there is an adapter and a quickstart. */
export const FRAMEWORKS = ['Express', 'Koa', 'Hono'] as const
export type Framework = (typeof FRAMEWORKS)[number]
