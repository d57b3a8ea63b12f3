// A request that waits for its answer, wherever the answer comes from.

import NIOCore

/// Stands for one request of one HTTP connection. The answer may be given on any thread, once; later ones, and those for a
/// client that has gone, are dropped.
struct RequestTicket: Sendable, Equatable {
  private let front: NIOLoopBound<RequestFront>
  private let loop: any EventLoop
  /// Counts the requests of the connection.
  private let number: Int
  private let name: ObjectIdentifier

  /// On the event loop of `front`.
  init(_ front: RequestFront, number: Int, loop: any EventLoop) {
    self.front = NIOLoopBound(front, eventLoop: loop)
    (self.loop, self.number, name) = (loop, number, ObjectIdentifier(front))
  }

  static func == (left: RequestTicket, right: RequestTicket) -> Bool {
    left.name == right.name && left.number == right.number
  }

  func answer(_ answer: EngineAnswer) {
    perform { $0.answer(answer, number: number) }
  }

  /// Back on the connection's event loop.
  func perform(_ work: @escaping @Sendable (RequestFront) -> Void) {
    if loop.inEventLoop {
      work(front.value)
    } else {
      loop.execute { work(front.value) }
    }
  }
}
