/** Stands in for a model that somebody else runs and limits: asked for the task `busy` it throttles us, else it answers. */
export async function askModel(task: string): Promise<Response> {
  if (task === 'busy') return new Response('slow down', { status: 429, headers: { 'Retry-After': '7' } })
  return Response.json({ task, text: 'Forty-two.' })
}
