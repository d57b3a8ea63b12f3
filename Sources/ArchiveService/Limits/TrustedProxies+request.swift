// The origin of one HTTP request.

import HTTPTypes
import Hummingbird

extension TrustedProxies {
  func origin(of request: Request, peer: IPAddress?) -> RequestOrigin {
    RequestOrigin(
      address: address(peer: peer, forwarded: request.headers[values: .forwardedFor]),
      userAgent: request.headers[.userAgent])
  }
}

extension HTTPField.Name {
  static let forwardedFor = field("X-Forwarded-For")
}
