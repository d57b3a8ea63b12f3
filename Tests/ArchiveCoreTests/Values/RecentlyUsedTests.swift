// The bounded memory behind the caches.

import ArchiveTesting
import Testing

@testable import ArchiveCore

@Suite("Recently used")
struct RecentlyUsedTests {
  @Test("the least recently used goes first, and the cost stays within the limit")
  func order() {
    var memory = RecentlyUsed<Int, String>(limit: 3)
    for key in 1...3 { memory.insert("\(key)", for: key) }
    _ = memory.value(1)
    memory.insert("4", for: 4)
    let values = (1...4).map { memory.value($0) }
    #expect(values == ["1", nil, "3", "4"])
  }

  @Test("it agrees with a plain model over random use")
  func model() {
    var random = SeededGenerator.fromEnvironment("recently used")
    var memory = RecentlyUsed<Int, Int>(limit: 20)
    var model: [(key: Int, value: Int, cost: Int)] = []
    for step in 0..<20_000 {
      let key = random.int(0...30)
      switch random.int(0...4) {
      case 0:
        memory.remove(key)
        model.removeAll { $0.key == key }
      case 1, 2:
        let cost = random.int(0...6)
        memory.insert(step, for: key, cost: cost)
        model.removeAll { $0.key == key }
        model.append((key, step, cost))
        while model.reduce(0, { $0 + $1.cost }) > 20 { model.removeFirst() }
      default:
        let expected = model.firstIndex { $0.key == key }
        let value = memory.value(key)
        #expect(value == expected.map { model[$0].value })
        if let expected { model.append(model.remove(at: expected)) }
      }
      #expect(memory.count == model.count)
    }
  }
}
