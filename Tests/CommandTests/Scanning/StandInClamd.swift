// A small daemon that speaks clamd's protocol, after clamd(8): INSTREAM, PING.

import Foundation
import NIOCore
import NIOPosix

@testable import archive_service

/// Listens on a free port or a socket, and answers each connection once.
struct StandInClamd: Sendable {
  enum Manner: Sendable, Hashable {
    case honest
    case says(String)
    /// Sends without an end.
    case babbles
    case hangsUp
    case isSilent
  }

  let address: ClamdAddress

  static func run(
    _ manner: Manner, isSocket: Bool = false,
    _ body: @Sendable (StandInClamd) async throws -> Void
  ) async throws {
    let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Talk(manner))
        }
      }
    let path =
      FileManager.default.temporaryDirectory.path + "/clamd-\(UInt32.random(in: 0 ... .max))"
    let channel =
      isSocket
      ? try await bootstrap.bind(unixDomainSocketPath: path).get()
      : try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
    let address: ClamdAddress =
      isSocket ? .socket(path: path) : .host("127.0.0.1", port: channel.localAddress?.port ?? 0)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(StandInClamd(address: address))) } catch {
      outcome = .failure(error)
    }
    try await channel.close()
    if isSocket { unlink(path) }
    try outcome.get()
  }
}

/// One connection. Lives on its event loop.
private final class Talk: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// clamd's StreamMaxLength.
  private static let limitBytes = 25_000_000

  private let manner: StandInClamd.Manner
  private var waiting = ByteBuffer()
  private var content: [UInt8] = []
  private var command: String?

  init(_ manner: StandInClamd.Manner) { self.manner = manner }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    waiting.writeBuffer(&buffer)
    switch manner {
    case .hangsUp: context.close(promise: nil)
    case .isSilent: break
    case .babbles: answer(String(repeating: "x", count: 10_000), end: "", context)
    case .says(let text): if readsAll() != nil { answer(text, context) }
    case .honest: if let reply = readsAll() { answer(reply, context) }
    }
  }

  /// The answer, once everything has come that belongs to the question.
  private func readsAll() -> String? {
    if command == nil {
      guard let end = waiting.readableBytesView.firstIndex(of: 0) else { return nil }
      command = waiting.readString(length: end - waiting.readerIndex)
      waiting.moveReaderIndex(forwardBy: 1)
    }
    switch command {
    case "zPING": return "PONG"
    case "zINSTREAM": return readsStream()
    default: return "UNKNOWN COMMAND"
    }
  }

  private func readsStream() -> String? {
    while let length: UInt32 = waiting.getInteger(at: waiting.readerIndex) {
      if length == 0 { return verdict }
      if content.count + Int(length) > Self.limitBytes {
        return "INSTREAM size limit exceeded. ERROR"
      }
      guard waiting.readableBytes >= 4 + Int(length) else { return nil }
      waiting.moveReaderIndex(forwardBy: 4)
      content += waiting.readBytes(length: Int(length)) ?? []
    }
    return nil
  }

  private var verdict: String {
    let text = Data(content)
    return text.range(of: Data(ClamdScannerTests.virus)) == nil
      ? "stream: OK" : "stream: Test.Virus FOUND FOUND"
  }

  private func answer(_ text: String, end: String = "\0", _ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + end)), promise: nil)
    if !end.isEmpty { context.close(promise: nil) }
  }
}
