// What travels with a request from the connection to its route.

import Hummingbird
import Logging

/// The context of one request.
struct ServiceContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// Names this request in the log, in the answer and in a problem document.
  var requestID = ""
  /// The other end of the connection.
  let peer: IPAddress?
  /// Where the request comes from, as far as we believe it. Set before any route runs.
  var origin = RequestOrigin.unknown
  /// The limits that the request counts against, for the head of its answer.
  let standings = RateStandings()
  /// To be called before the body is read: a client may be waiting to hear that it is wanted.
  let wantBody: @Sendable () -> Void

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    wantBody = { [channel = source.channel] in
      channel.triggerUserOutboundEvent(BodyWanted(), promise: nil)
    }
    peer = source.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
  }
}
