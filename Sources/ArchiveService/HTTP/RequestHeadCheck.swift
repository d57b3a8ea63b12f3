// Refuses heads that parse, but that two servers could understand in two ways.

import NIOCore
import NIOHTTP1

/// A request that two servers could read differently.
struct AmbiguousRequest: Error {}

/// Stands right behind the parser of one connection, where the head is still as the client sent it.
///
/// A head that is refused goes on as an error like the parser's, so that it is answered in its turn behind
/// the requests before it. Nothing that follows on the connection goes further.
final class RequestHeadCheck: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  private var hasRefused = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if hasRefused { return }
    if case .head(let head) = unwrapInboundIn(data),
      !(Self.hasOneHost(head) && Self.isFramedPlainly(head.headers))
    {
      hasRefused = true
      context.fireErrorCaught(AmbiguousRequest())
    } else {
      context.fireChannelRead(data)
    }
  }

  /// RFC 9112 3.2: exactly one Host, with the characters of a host. HTTP/1.0 may go without.
  private static func hasOneHost(_ head: HTTPRequestHead) -> Bool {
    let hosts = head.headers["Host"]
    guard let host = hosts.first else { return head.version == .http1_0 }
    return hosts.count == 1 && host.utf8.allSatisfy(hostBytes.contains)
  }

  /// RFC 3986 3.2.2: names, addresses, sub-delimiters and escapes, and the colon of a port.
  private static let hostBytes = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%!$&'()*+,;=:[]".utf8)

  /// Only plain and chunked bodies: what a proxy in front reads otherwise is a smuggled request.
  private static func isFramedPlainly(_ headers: HTTPHeaders) -> Bool {
    let codings = headers["Transfer-Encoding"]
    guard let coding = codings.first else { return true }
    return codings.count == 1 && coding.lowercased() == "chunked"
      && !headers.contains(name: "Content-Length")
  }
}
