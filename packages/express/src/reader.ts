import type { Reader } from '@spillway/core/http'
import type { AnyRequest } from './types.js'

export const reader: Reader<AnyRequest> = {
  identity: (req) => req,
  method: (req) => req.method,
  header: (req, name) => req.headers[name]?.toString(),
  // Without `baseUrl`: of a mount Express keeps only the text that matched, which clients choose below `/orgs/:org`.
  route: (req) => req.route?.path.toString(),
  clientIp: (req) => req.ip,
  peer: (req) => req.socket.remoteAddress,
  trust(req) {
    const setting: unknown = req.app.get('trust proxy')
    return setting === true ? 'all' : setting ? 'some' : 'none'
  },
}
