// Turns a server's reply into the bytes that the client gets, with the fault in them.

import NIOCore
import NIOHTTP1

/// Writes one reply. Transfer encoding is redone here, as a fault may contradict it.
struct ReplyShaper {
  /// What is to be done with the client's connection.
  enum Step {
    case head(ByteBuffer)
    case body(ByteBuffer)
    /// The reply is over, and perhaps the connection with it.
    case end(closing: Bool)
  }

  private let fault: ProxyFault?
  private let isHead: Bool
  private var isChunked = false
  private var closesAtEnd = false
  private var length: Int?
  private var sentBytes = 0
  private var gzip: StoredGzip?

  init(fault: ProxyFault?, method: String) { (self.fault, isHead) = (fault, method == "HEAD") }

  mutating func shape(_ part: HTTPClientResponsePart) -> [Step] {
    if fault == .loseReply {
      guard case .end = part else { return [] }
      return [.end(closing: true)]
    }
    switch part {
    case .head(let head): return shape(head)
    case .body(let bytes): return shape(bytes)
    case .end: return end()
    }
  }

  private mutating func shape(_ given: HTTPResponseHead) -> [Step] {
    var head = given
    if (100..<200).contains(head.status.code) { return [.head(Self.bytes(of: head))] }
    head.headers.remove(name: "Connection")
    head.headers.remove(name: "Keep-Alive")
    let hasBody = !isHead && head.status.mayHaveResponseBody
    length = head.headers.first(name: "Content-Length").flatMap { Int($0) }
    isChunked = hasBody && head.headers["Transfer-Encoding"].contains { $0.contains("chunked") }
    if hasBody, !isChunked, length == nil {
      closesAtEnd = true
      head.headers.add(name: "Connection", value: "close")
    }
    spoil(&head, hasBody: hasBody)
    var bytes = Self.bytes(of: head)
    if case .cutBody = fault, !hasBody || length == 0 {
      return [
        .head(bytes.readSlice(length: bytes.readableBytes / 2) ?? bytes), .end(closing: true),
      ]
    }
    guard gzip != nil else { return [.head(bytes)] }
    return [.head(bytes), .body(framed(ByteBuffer(bytes: StoredGzip.header)))]
  }

  private mutating func spoil(_ head: inout HTTPResponseHead, hasBody: Bool) {
    switch fault {
    case .wrongLength(let difference):
      guard let length else { return }
      closesAtEnd = difference > 0 && hasBody
      head.headers.replaceOrAdd(
        name: "Content-Length", value: "\(max(0, length.addingClamped(difference)))")
    case .compress where hasBody:
      head.headers.remove(name: "Content-Length")
      head.headers.replaceOrAdd(name: "Transfer-Encoding", value: "chunked")
      head.headers.replaceOrAdd(name: "Content-Encoding", value: "gzip")
      (isChunked, closesAtEnd, gzip) = (true, false, StoredGzip())
    default: return
    }
  }

  private mutating func shape(_ given: ByteBuffer) -> [Step] {
    var bytes = given
    let start = sentBytes
    sentBytes += bytes.readableBytes
    switch fault {
    case .cutBody(let fraction):
      let whole = length ?? (start + bytes.readableBytes)
      let kept = min(Int(Double(whole) * fraction), whole - 1) - start
      guard kept < bytes.readableBytes else { break }
      let cut = bytes.readSlice(length: max(0, kept)) ?? ByteBuffer()
      return [.body(framed(cut)), .end(closing: true)]
    case .corruptByte:
      let place = (length ?? 0) / 2 - start
      if (0..<bytes.readableBytes).contains(place) { Self.turn(&bytes, at: place) }
    default: break
    }
    if let blocks = gzip?.blocks(of: Array(bytes.readableBytesView)) {
      bytes = ByteBuffer(bytes: blocks)
    }
    return [.body(framed(bytes))]
  }

  private mutating func end() -> [Step] {
    var steps: [Step] = []
    if let gzip { steps.append(.body(framed(ByteBuffer(bytes: gzip.trailer)))) }
    if isChunked { steps.append(.body(ByteBuffer(string: "0\r\n\r\n"))) }
    return steps + [.end(closing: closesAtEnd)]
  }

  private func framed(_ bytes: ByteBuffer) -> ByteBuffer {
    guard isChunked, bytes.readableBytes > 0 else { return bytes }
    var framed = ByteBuffer(string: String(bytes.readableBytes, radix: 16) + "\r\n")
    framed.writeImmutableBuffer(bytes)
    framed.writeString("\r\n")
    return framed
  }

  /// Turns all bits of one byte.
  static func turn(_ bytes: inout ByteBuffer, at place: Int) {
    let index = bytes.readerIndex + place
    guard let byte = bytes.getInteger(at: index, as: UInt8.self) else { return }
    bytes.setInteger(~byte, at: index)
  }

  /// The head as on the wire.
  static func bytes(of head: HTTPResponseHead) -> ByteBuffer {
    var bytes = ByteBuffer(
      string: "HTTP/1.1 \(head.status.code) \(head.status.reasonPhrase)\r\n")
    for (name, value) in head.headers { bytes.writeString("\(name): \(value)\r\n") }
    bytes.writeString("\r\n")
    return bytes
  }
}

extension Int {
  fileprivate func addingClamped(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}
