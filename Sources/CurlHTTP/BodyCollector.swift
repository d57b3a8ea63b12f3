// The body of an answer on its way out of libcurl.

/// Takes libcurl's pieces of 16 KiB and makes chunks of them, or the whole. Lives on the transfer thread.
struct BodyCollector {
  private let delivery: Delivery
  private let received: ReceiveBuffer
  private let limitBytes: Int
  /// What has arrived and is not handed over yet; the whole body where it is not pulled.
  private var pending: [UInt8] = []
  private var announcedBytes: Int64 = -1
  /// What waited for the reader when last seen.
  private var waitingBytes = 0
  private(set) var totalBytes: Int64 = 0

  init(_ exchange: Exchange) {
    (delivery, received) = (exchange.delivery, exchange.received)
    limitBytes = exchange.received.limitBytes
  }

  /// The body, where it is collected.
  var whole: [UInt8] { if case .whole = delivery { pending } else { [] } }

  /// The head says how long the body is, -1 where it does not. False where that is too long.
  mutating func expects(_ bytes: Int64, of method: String) -> Bool {
    announcedBytes = bytes
    guard case .whole(let limit) = delivery, method != "HEAD", bytes > 0 else { return true }
    guard bytes <= limit else { return false }
    // No more than this on the word of a server that need not keep it.
    pending.reserveCapacity(Int(min(bytes, 4 << 20)))
    return true
  }

  mutating func take(_ bytes: UnsafeRawBufferPointer) -> Transfer.Taken {
    if case .whole(let limit) = delivery {
      guard bytes.count <= limit - pending.count else { return .refused }
    } else {
      if pending.count + bytes.count > ReceiveBuffer.chunkBytes { store() }
      if waitingBytes + pending.count >= limitBytes, isFull() { return .full }
      if pending.isEmpty { reserve() }
    }
    pending.append(contentsOf: bytes)
    totalBytes += Int64(bytes.count)
    return .taken
  }

  /// Whether more of a pulled body is on its way than one chunk; not known where no length was announced.
  var expectsMuch: Bool {
    guard case .pulled = delivery else { return false }
    return announcedBytes - totalBytes > ReceiveBuffer.chunkBytes
  }

  /// Hands over to the reader what is pulled.
  mutating func deliver() {
    guard case .pulled = delivery else { return }
    store()
    waitingBytes = received.wakeReader()
  }

  private mutating func store() {
    guard !pending.isEmpty else { return }
    var chunk: [UInt8] = []
    swap(&chunk, &pending)
    waitingBytes = received.append(chunk)
  }

  private mutating func isFull() -> Bool {
    deliver()
    guard received.pauseIfFull() else {
      waitingBytes = 0
      return false
    }
    return true
  }

  /// Room for a whole chunk where one is on its way; a short body gets what it needs.
  private mutating func reserve() {
    let left = announcedBytes - totalBytes
    if left > 0 { pending.reserveCapacity(Int(min(left, Int64(ReceiveBuffer.chunkBytes)))) }
  }
}
