// Where the nodes of a deployment answer at present.

import Synchronization

/// One address for each node; a node that was started again has another one. The mutex guards the list.
final class Doors: Sendable {
  private let urls: Mutex<[String]>

  init(_ urls: [String]) { self.urls = Mutex(urls) }

  /// Who counts up goes from one node to the next, round and round.
  subscript(number: Int) -> String { urls.withLock { $0[number % $0.count] } }

  func set(_ url: String, at index: Int) { urls.withLock { $0[index] = url } }
}
