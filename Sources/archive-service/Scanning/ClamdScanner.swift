// ClamAV's daemon, asked over a socket.

import ArchiveService
import NIOCore
import NIOPosix

/// Where clamd listens.
enum ClamdAddress: Sendable, Hashable, CustomStringConvertible {
  case host(String, port: Int)
  case socket(path: String)

  /// `host:port`, or the path of a socket. `nil` for anything else.
  init?(_ text: String) {
    if text.hasPrefix("/") {
      // As long as the kernel takes.
      guard text.utf8.count <= 107, !text.utf8.contains(0) else { return nil }
      self = .socket(path: text)
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (1...65_535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    self = .host(String(host), port: port)
  }

  var description: String {
    switch self {
    case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .socket(let path): path
    }
  }
}

/// Speaks clamd's protocol: a command, then for INSTREAM chunks behind their lengths, and one line back. One connection
/// for each question.
struct ClamdScanner: VirusScanner {
  let address: ClamdAddress
  /// For all of it.
  let deadline: Duration
  let sleep: @Sendable (Duration) async throws -> Void

  private static let connectTimeout = TimeAmount.seconds(5)
  private static let replyLimitBytes = 4 << 10
  private static let chunkLimitBytes = 1 << 20

  func scan(_ next: @escaping @Sendable () async throws -> [UInt8]?) async throws -> ScanResult {
    let reply = try await ask { outbound in
      try await outbound.write(ByteBuffer(string: "zINSTREAM\0"))
      while let chunk = try await next() {
        for start in stride(from: 0, to: chunk.count, by: Self.chunkLimitBytes) {
          let piece = chunk[start..<min(start + Self.chunkLimitBytes, chunk.count)]
          var buffer = ByteBuffer(integer: UInt32(piece.count))
          buffer.writeBytes(piece)
          try await outbound.write(buffer)
        }
      }
      try await outbound.write(ByteBuffer(integer: UInt32(0)))
    }
    return try Self.result(reply)
  }

  /// Whether it answers at all.
  func ping() async throws {
    let reply = try await ask { try await $0.write(ByteBuffer(string: "zPING\0")) }
    guard reply == "PONG" else { throw ScanError("clamd answers strangely reply=`\(reply)`") }
  }

  static func result(_ reply: String) throws -> ScanResult {
    if reply == "stream: OK" { return .clean }
    if reply.hasPrefix("stream: "), reply.hasSuffix(" FOUND") {
      return .infected(String(reply.dropFirst("stream: ".count).dropLast(" FOUND".count)))
    }
    if reply.hasPrefix("INSTREAM size limit exceeded") { return .tooLarge }
    throw ScanError("clamd answers strangely reply=`\(reply.prefix(200))`")
  }

  // MARK: One question

  private typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>

  private enum Part: Sendable {
    case reply(String)
    /// What the source of the bytes threw, which is no fault of clamd's.
    case failed(any Error)
    case sent
    case late
  }

  private func ask(_ send: @escaping @Sendable (Outbound) async throws -> Void) async throws
    -> String
  {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    do {
      channel = try await connect()
    } catch {
      throw ScanError("clamd cannot be reached address=`\(address)` error=`\(error)`")
    }
    do {
      return try await channel.executeThenClose { inbound, outbound in
        try await reply(inbound, outbound, send)
      }
    } catch let error as any ChannelFailure {
      throw ScanError("the connection to clamd broke address=`\(address)` error=`\(error)`")
    }
  }

  /// Reads while it writes: what is too large clamd refuses before all of it was sent, and listens no more.
  private func reply(
    _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: Outbound,
    _ send: @escaping @Sendable (Outbound) async throws -> Void
  ) async throws -> String {
    try await withThrowingTaskGroup(of: Part.self) { group in
      group.addTask { .reply(try await Self.line(inbound)) }
      group.addTask { [sleep, deadline] in
        try await sleep(deadline)
        return .late
      }
      group.addTask {
        do { try await send(outbound) } catch let error as any ChannelFailure {
          // Whether there was an answer before, the reader knows.
          _ = error
        } catch {
          return .failed(error)
        }
        return .sent
      }
      defer { group.cancelAll() }
      while let part = try await group.next() {
        switch part {
        case .reply(let text): return text
        case .failed(let error): throw error
        case .late: throw ScanError("clamd takes too long address=`\(address)`")
        case .sent: continue
        }
      }
      throw CancellationError()
    }
  }

  private static func line(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async throws
    -> String
  {
    var bytes: [UInt8] = []
    for try await buffer in inbound {
      bytes += buffer.readableBytesView
      if let end = bytes.firstIndex(of: 0) {
        return String(decoding: bytes[..<end], as: UTF8.self)
      }
      guard bytes.count <= replyLimitBytes else { throw ScanError("clamd's answer has no end") }
    }
    throw ScanError("clamd closed the connection without an answer")
  }

  private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
    let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connectTimeout(Self.connectTimeout)
    let wrap: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> =
      { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    switch address {
    case .host(let host, let port):
      return try await bootstrap.connect(host: host, port: port, channelInitializer: wrap)
    case .socket(let path):
      return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
    }
  }
}

/// What a broken connection throws.
private protocol ChannelFailure: Error {}
extension IOError: ChannelFailure {}
extension ChannelError: ChannelFailure {}
extension NIOAsyncWriterError: ChannelFailure {}
