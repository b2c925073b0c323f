export type Fetch = (request: Request, env: unknown, context: WorkerContext) => Promise<Response>

export interface WorkerContext {
  waitUntil(work: Promise<unknown>): void
}

/** A Worker cannot start servers: all requests go to the site that was started last. */
export const site: { port: number; fetch: Fetch } = {
  port: 0,
  fetch: async () => new Response('no site has been started', { status: 500 }),
}
