// The machine of the deadlines, with a clock that is an argument.

import Testing

@testable import CurlHTTP

@Suite struct DeadlineWatchTests {
  @Test func `each step has its own deadline, and none is early`() {
    var watch = Self.watch(uploadBytes: 0)
    watch.connecting(at: Self.at(0))
    #expect(watch.ask(9.9) == nil)
    #expect(watch.ask(10) == .connect)
    watch.connected(at: Self.at(9))
    #expect(watch.ask(38.9) == nil)
    #expect(watch.ask(39) == .firstByte)
    watch.answerBegan(at: Self.at(38))
    #expect(watch.ask(57.9) == nil)
    #expect(watch.ask(58) == .stall)
  }

  @Test func `the first byte is awaited from the last byte sent`() {
    var watch = Self.watch(uploadBytes: 5000)
    watch.connecting(at: Self.at(0))
    watch.connected(at: Self.at(1))
    #expect(watch.ask(20, uploaded: 4000) == nil)
    #expect(watch.ask(39, uploaded: 5000) == nil)
    #expect(watch.ask(68.9, uploaded: 5000) == nil)
    #expect(watch.ask(69, uploaded: 5000) == .firstByte)
  }

  @Test func `bytes below the mark are a stall, bytes above it are none`() {
    let cases: [(Int64, DeadlineWatch.Deadline?)] = [(50, .stall), (200, nil)]
    for (step, expected) in cases {
      var watch = Self.watch(uploadBytes: 0)
      watch.connected(at: Self.at(0))
      watch.answerBegan(at: Self.at(0))
      var seen: DeadlineWatch.Deadline?
      for second in 1...60 where seen == nil {
        seen = watch.ask(Double(second), downloaded: Int64(second) * step)
      }
      #expect(seen == expected)
    }
  }

  @Test func `time in which it is our turn is no stall`() {
    var watch = Self.watch(uploadBytes: 0)
    watch.connected(at: Self.at(0))
    watch.answerBegan(at: Self.at(0))
    #expect(watch.ask(15) == nil)
    #expect(watch.ask(500, isOurTurn: true) == nil)
    #expect(watch.ask(519.9) == nil)
    watch.resumed(at: Self.at(519.9))
    #expect(watch.ask(539.8) == nil)
    #expect(watch.ask(540) == .stall)
  }

  @Test func `the total counts from the call, in every step`() {
    var deadlines = CurlDeadlines()
    deadlines.total = .seconds(5)
    for step in 0..<4 {
      var watch = DeadlineWatch(deadlines, uploadBytes: 0, calledAt: Self.at(0))
      if step > 0 { watch.connecting(at: Self.at(1)) }
      if step > 1 { watch.connected(at: Self.at(2)) }
      if step > 2 { watch.answerBegan(at: Self.at(3)) }
      #expect(watch.ask(4.9) == nil)
      #expect(watch.ask(5, isOurTurn: true) == .total)
    }
  }

  @Test func `it asks to be asked again before the deadline`() {
    var watch = Self.watch(uploadBytes: 0)
    watch.connecting(at: Self.at(0))
    #expect(watch.nextCheck(after: Self.at(3)) == Self.at(10))
    watch.answerBegan(at: Self.at(10))
    #expect(watch.nextCheck(after: Self.at(10)) == Self.at(15))
  }

  @Test(arguments: [
    Duration.seconds(Int64.max), .seconds(Int64.max / 1_000_000_000), .zero, .seconds(-5),
  ])
  func `no length of time overflows`(length: Duration) {
    var deadlines = CurlDeadlines()
    (deadlines.connect, deadlines.firstByte, deadlines.stall) = (length, length, length)
    deadlines.total = length
    let late = SteadyInstant(nanoseconds: .max - 1)
    var watch = DeadlineWatch(deadlines, uploadBytes: 1, calledAt: late)
    watch.connecting(at: late)
    watch.connected(at: late)
    watch.answerBegan(at: late)
    let verdict = watch.check(at: late, uploaded: .max, downloaded: .max, isOurTurn: false)
    #expect(verdict == (length > .zero ? .inTime(next: .never) : .passed(.total)))
    #expect(SteadyInstant.never.milliseconds(after: Self.at(0)) == .max)
  }

  private static func at(_ seconds: Double) -> SteadyInstant {
    SteadyInstant(nanoseconds: Int64(seconds * 1e9))
  }

  /// 10 s to connect, 30 s to the first byte, 2000 bytes within 20 s.
  private static func watch(uploadBytes: Int64) -> DeadlineWatch {
    var deadlines = CurlDeadlines()
    deadlines.stall = .seconds(20)
    deadlines.stallBytes = 2000
    return DeadlineWatch(deadlines, uploadBytes: uploadBytes, calledAt: at(0))
  }
}

extension DeadlineWatch {
  fileprivate mutating func ask(
    _ seconds: Double, uploaded: Int64 = 0, downloaded: Int64 = 0, isOurTurn: Bool = false
  ) -> Deadline? {
    let verdict = check(
      at: SteadyInstant(nanoseconds: Int64(seconds * 1e9)), uploaded: uploaded,
      downloaded: downloaded, isOurTurn: isOurTurn)
    if case .passed(let deadline) = verdict { return deadline }
    return nil
  }
}
