/** All that an adapter says about its requests. `R` is what the framework hands to a handler: a request or a context. */
export interface Reader<R> {
  /** The raw request: nested limiters find each other by it. */
  identity(req: R): object
  method(req: R): string
  /** A header by its lower-case name; several lines of it joined by commas. */
  header(req: R, name: string): string | undefined
  /** The matched pattern, never the path; `undefined` where no route has matched. */
  route(req: R): string | undefined
  /** The client's address as the framework sees it. */
  clientIp(req: R): string | undefined
  /** The address at the other end of the socket. */
  peer(req: R): string | undefined
  /** Whose forwarding headers the framework believes: those of every hop, of some, or none. */
  trust(req: R): 'all' | 'some' | 'none'
}
