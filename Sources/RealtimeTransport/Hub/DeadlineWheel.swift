// Many deadlines, one timer.

import NIOCore
import RealtimeProtocol

/// Wakes connections at their deadlines, with one repeated task for all of a shard. Lives on the shard's event loop.
///
/// A connection lies in one slot of a ring, one slot for each step of time. A deadline that moves away, as it does with
/// every heartbeat, costs nothing: the connection is looked at when its slot comes and put where it belongs then.
final class DeadlineWheel {
  private static let slotCount = 512

  /// Stale where the connection is watched for another moment by now.
  private struct Entry {
    let connection: RealtimeConnection
    let moment: Moment
  }

  private let loop: any EventLoop
  private let step: Int64
  private let wake: (RealtimeConnection, Moment) -> Void
  private var slots: [[Entry]] = Array(repeating: [], count: slotCount)
  private var count = 0
  /// The step that was looked at last.
  private var position: Int64 = 0
  private var timer: Scheduled<Void>?

  init(
    loop: any EventLoop, step: Duration, wake: @escaping (RealtimeConnection, Moment) -> Void
  ) {
    (self.loop, self.wake) = (loop, wake)
    self.step = max(1, step.wholeMilliseconds)
  }

  static func now() -> Moment {
    Moment(milliseconds: Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000))
  }

  /// Looks after a connection from now on, or anew because its deadline is nearer than before.
  func watch(_ connection: RealtimeConnection) {
    let now = Self.now()
    if count == 0 { position = now.milliseconds / step }
    put(connection, now)
    run()
  }

  private func put(_ connection: RealtimeConnection, _ now: Moment) {
    let deadline = connection.deadline
    guard deadline < connection.watchedFor, deadline < .never else { return }
    connection.watchedFor = deadline
    // In the step behind the deadline, so that it has passed; never in the one that was looked at already.
    let due = max(deadline.milliseconds / step + 1, position + 1)
    let slot = min(due, position + Int64(Self.slotCount) - 1)
    slots[Int(slot % Int64(Self.slotCount))]
      .append(Entry(connection: connection, moment: deadline))
    count += 1
  }

  private func run() {
    guard timer == nil, count > 0 else { return }
    timer = loop.assumeIsolated().scheduleTask(in: .milliseconds(step)) {
      self.timer = nil
      self.advance()
      self.run()
    }
  }

  private func advance() {
    let now = Self.now()
    let target = now.milliseconds / step
    // After a standstill everybody seems late. Their answers lie in the sockets: those are read first.
    guard target - position <= max(4, 2_000 / step) else {
      position += 1
      return shiftTo(target - 1)
    }
    while position < target {
      position += 1
      let slot = Int(position % Int64(Self.slotCount))
      let due = slots[slot]
      slots[slot] = []
      count -= due.count
      for entry in due { look(at: entry, now) }
    }
  }

  /// Everything that became due meanwhile is put into the step that comes next.
  private func shiftTo(_ target: Int64) {
    var late: [Entry] = []
    var passed: Int64 = 0
    while position <= target, passed < Int64(Self.slotCount) {
      let slot = Int(position % Int64(Self.slotCount))
      late += slots[slot]
      slots[slot] = []
      position += 1
      passed += 1
    }
    position = target
    slots[Int((position + 1) % Int64(Self.slotCount))] += late
  }

  private func look(at entry: Entry, _ now: Moment) {
    let connection = entry.connection
    guard connection.watchedFor == entry.moment else { return }
    connection.watchedFor = .never
    if connection.deadline <= now { wake(connection, now) }
    put(connection, now)
  }
}

extension Duration {
  /// Rounded down.
  var wholeMilliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
