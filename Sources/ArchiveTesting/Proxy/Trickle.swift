// Lets bytes go at a given pace.

import NIOCore

/// A queue that is emptied a little at a time. Used on one event loop only.
final class Trickle {
  /// Above this the source has to wait.
  private static let limitBytes = 64 << 10
  private static let ticksPerSecond = 10

  private let eventLoop: any EventLoop
  private let bytesPerTick: Int
  private let interval: TimeAmount
  private let write: (ByteBuffer) -> Void
  private var waiting = ByteBuffer()
  private var atEnd: (() -> Void)?
  private var isScheduled = false
  private var isCancelled = false

  init(
    bytesPerSecond: Int, on eventLoop: any EventLoop, write: @escaping (ByteBuffer) -> Void
  ) {
    let pace = max(1, bytesPerSecond)
    bytesPerTick = max(1, pace / Self.ticksPerSecond)
    interval = .milliseconds(Int64(max(1, 1000 * bytesPerTick / pace)))
    (self.eventLoop, self.write) = (eventLoop, write)
  }

  /// Whether the body is complete and only has to leave.
  var isFinishing: Bool { atEnd != nil }
  var isFull: Bool { waiting.readableBytes >= Self.limitBytes }

  func add(_ bytes: ByteBuffer) {
    waiting.writeImmutableBuffer(bytes)
    schedule()
  }

  /// Calls this once everything is gone.
  func finish(_ atEnd: @escaping () -> Void) {
    self.atEnd = atEnd
    schedule()
  }

  func cancel() { (isCancelled, atEnd) = (true, nil) }

  private func schedule() {
    guard !isScheduled, !isCancelled else { return }
    isScheduled = true
    eventLoop.assumeIsolated().scheduleTask(in: interval) { self.tick() }
  }

  private func tick() {
    isScheduled = false
    guard !isCancelled else { return }
    if let bytes = waiting.readSlice(length: min(bytesPerTick, waiting.readableBytes)) {
      waiting.discardReadBytes()
      write(bytes)
    }
    if waiting.readableBytes > 0 { return schedule() }
    atEnd?()
    atEnd = nil
  }
}
