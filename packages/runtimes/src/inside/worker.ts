import { files } from 'virtual:files'
import { run } from './run.js'
import { site, type WorkerContext } from './site.js'

export default {
  async fetch(request: Request, env: unknown, context: WorkerContext): Promise<Response> {
    const door = new URL(request.url).searchParams.get('door')
    if (door === null) return site.fetch(request, env, context)
    site.port = Number(door)
    return Response.json(await run(files))
  },
}
