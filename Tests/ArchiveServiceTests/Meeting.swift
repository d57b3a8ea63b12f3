// Where tasks of a test wait for each other.

/// Where so many tasks wait for each other.
actor Meeting {
  private let size: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var isOver = false

  init(of size: Int) { self.size = size }

  /// Returns when the last one has come.
  func join() async {
    if isOver { return }
    if waiting.count + 1 == size {
      isOver = true
      for each in waiting { each.resume() }
      waiting = []
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }
}
