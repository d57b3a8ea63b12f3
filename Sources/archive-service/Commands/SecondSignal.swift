// Ends the process at once when a second signal says that the first was meant.

import Dispatch
import Foundation

/// Counts SIGTERM and SIGINT beside the service group, which hears only the first.
///
/// What was acknowledged is durable, so ending at once loses nothing.
final class SecondSignal {
  private let sources: [any DispatchSourceSignal]

  init() {
    let queue = DispatchQueue(label: "second signal")
    let count = SignalCount()
    sources = [SIGTERM, SIGINT].map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        guard count.add() > 1 else { return }
        StandardError.write(line: "archive-service: a second signal ends it at once")
        _exit(128 + number)
      }
      source.resume()
      return source
    }
  }

  func stop() { for source in sources { source.cancel() } }
}
