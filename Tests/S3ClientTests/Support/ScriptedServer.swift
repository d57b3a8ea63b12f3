// A server on 127.0.0.1 that answers what a test tells it to, byte by byte.

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

@testable import S3Client

/// A request as it arrived.
struct SeenRequest: Sendable {
  let method: String
  let uri: String
  let headers: [(name: String, value: String)]
  let body: [UInt8]

  func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name }?.value
  }
}

/// What the server does with a request.
enum ScriptedAnswer: Sendable {
  /// Raw bytes, then the connection stays open.
  case bytes([UInt8])
  /// Raw bytes, perhaps none, then the connection is closed.
  case bytesAndClose([UInt8])
  /// Nothing at all; the connection stays open.
  case silence

  /// A whole answer. A `Content-Length` is added unless there is one, or none is wanted.
  static func status(
    _ status: Int, _ headers: [(String, String)] = [], _ body: String = ""
  ) -> ScriptedAnswer {
    .bytes(raw(status, headers, Array(body.utf8)))
  }

  static func raw(_ status: Int, _ headers: [(String, String)], _ body: [UInt8]) -> [UInt8] {
    var text = "HTTP/1.1 \(status) Scripted\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    let hasLength = headers.contains {
      ["content-length", "transfer-encoding"].contains($0.0.lowercased())
    }
    if !hasLength, status != 204 { text += "Content-Length: \(body.count)\r\n" }
    return Array((text + "\r\n").utf8) + body
  }

  static func error(
    _ status: Int, _ code: String, _ headers: [(String, String)] = [], extra: String = ""
  ) -> ScriptedAnswer {
    .status(
      status, headers,
      #"<?xml version="1.0" encoding="UTF-8"?><Error><Code>\#(code)</Code>\#(extra)</Error>"#)
  }
}

/// Accepts any number of connections; the script gets the number of the request (from 1) and the request.
final class ScriptedServer: Sendable {
  typealias Script = @Sendable (Int, SeenRequest) -> ScriptedAnswer

  private let script: Script
  private let seen = Mutex<[SeenRequest]>([])
  private let channel = Mutex<(any Channel)?>(nil)

  private init(_ script: @escaping Script) { self.script = script }

  /// All requests so far.
  var requests: [SeenRequest] { seen.withLock { $0 } }

  var port: Int { channel.withLock { $0?.localAddress?.port } ?? 0 }

  var endpoint: S3Endpoint {
    get throws {
      guard let endpoint = S3Endpoint("http://127.0.0.1:\(port)") else {
        throw S3Error(.invalidRequest, "no endpoint")
      }
      return endpoint
    }
  }

  /// Runs the body while the server listens.
  static func run(
    _ script: @escaping Script, _ body: (ScriptedServer) async throws -> Void
  ) async throws {
    let server = ScriptedServer(script)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers([
            ByteToMessageHandler(HTTPRequestDecoder()), RequestCollector(server),
          ])
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    server.channel.withLock { $0 = channel }
    let result: Result<Void, any Error>
    do {
      try await body(server)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    try await channel.close().get()
    try result.get()
  }

  fileprivate func answer(_ request: SeenRequest) -> ScriptedAnswer {
    let number = seen.withLock { seen in
      seen.append(request)
      return seen.count
    }
    return script(number, request)
  }
}

/// Collects a request and writes what the script says. Used on its channel's event loop only.
private final class RequestCollector: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = ByteBuffer

  private let server: ScriptedServer
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []

  init(_ server: ScriptedServer) { self.server = server }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): (self.head, body) = (head, [])
    case .body(let buffer): body += buffer.readableBytesView
    case .end: finish(context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func finish(_ context: ChannelHandlerContext) {
    guard let head else { return }
    let request = SeenRequest(
      method: head.method.rawValue, uri: head.uri,
      headers: head.headers.map { ($0.name, $0.value) }, body: body)
    switch server.answer(request) {
    case .bytes(let bytes):
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    case .bytesAndClose(let bytes):
      let channel = context.channel
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)))
        .whenComplete { _ in channel.close(promise: nil) }
    case .silence: break
    }
  }
}
