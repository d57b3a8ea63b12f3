// How far long work is: one line on a terminal, nothing in a pipe.

import Foundation
import Synchronization

/// Rewrites one line of standard error, at most a hundred times per piece of work.
///
/// The mutex guards what was shown last.
final class Progress: Sendable {
  private let title: String
  private let isShown: Bool
  private let lastPercent = Mutex(-1)

  init(_ title: String) {
    self.title = title
    isShown = isatty(2) == 1
  }

  func show(_ done: Int, of total: Int) {
    guard isShown, total > 0 else { return }
    let percent = Int(Double(done) / Double(total) * 100)
    let isNew = lastPercent.withLock { last in
      defer { last = percent }
      return percent != last
    }
    if isNew { StandardError.write(Array("\r\(title): \(done) of \(total)".utf8)) }
  }

  func show(_ text: String) {
    if isShown { StandardError.write(Array("\r\(title): \(text)".utf8)) }
  }

  func finish() {
    if isShown { StandardError.write(Array("\r\u{1B}[K".utf8)) }
  }
}
