// What travels with a request from the connection to its route.

import Hummingbird
import Logging

/// The context of one request.
struct ServiceContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// Names this request in the log, in the answer and in a problem document.
  var requestID = ""

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
  }
}
