// archive-bench-realtime: what clients of a chat do and see, for `./dev bench realtime`; a process of its own.

import LoadClient
import NIOCore
import NIOPosix

/// `archive-bench-realtime hold|room|pairs|storm PORT SEATS [NAME=NUMBER…]`, called by scripts/bench/realtime.py.
///
/// `SEATS` is a file with a token and a conversation a line; socket n takes line n, and begins anew behind the last.
/// Each finding is a line of JSON on standard output. All sockets live on one thread, so that the server has the rest
/// of the machine.
@main
struct BenchRealtime {
  /// Nothing that is measured takes so long.
  private static let deadline = TimeAmount.minutes(10)

  static func main() async {
    do { try await run(try Order(CommandLine.arguments)) } catch {
      Findings.fail("\(error)")
    }
  }

  private static func run(_ order: Order) async throws {
    let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
    let load = try await loop.submit {
      let crowd = Crowd(order, on: loop)
      let load: any Load =
        switch order.act {
        case .hold: HoldLoad(crowd)
        case .room: RoomLoad(crowd)
        case .pairs: PairsLoad(crowd)
        case .storm: StormLoad(crowd)
        }
      crowd.listener = load
      return NIOLoopBound(load, eventLoop: loop)
    }.get()
    loop.scheduleTask(in: deadline) { Findings.fail("this takes too long") }
    try await loop.flatSubmit { load.value.begin() }.get()
    // The sockets need no farewell: the end of the process closes them.
    withExtendedLifetime(load) {}
  }
}
