// What a stretch of work took of this process: time, CPU, allocations.

import Glibc

/// Begins when it is made.
struct Gauge {
  private let start = ContinuousClock().now
  private let cpu = Gauge.cpuSeconds()
  private let allocations = Gauge.allocations()

  /// One line of JSON. `allocations` only where allocations.c was loaded before all other libraries.
  func line(_ name: String = "", count: Int) -> String {
    let elapsed = start.duration(to: ContinuousClock().now).components
    let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
    var fields = [
      #""count": \#(count)"#, #""seconds": \#(seconds)"#,
      #""cpu": \#(Self.cpuSeconds() - cpu)"#,
    ]
    if let before = allocations, let now = Self.allocations() {
      fields.append(#""allocations": \#(now - before)"#)
    }
    if !name.isEmpty { fields.insert(#""name": "\#(name)""#, at: 0) }
    return "{" + fields.joined(separator: ", ") + "}"
  }

  /// Of all threads, those of the system's work for them included.
  private static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func allocations() -> UInt64? {
    guard let symbol = dlsym(nil, "counted_allocations") else { return nil }
    return unsafeBitCast(symbol, to: (@convention(c) () -> UInt64).self)()
  }
}
