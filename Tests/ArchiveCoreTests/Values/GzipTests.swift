// Gzip members: plain for every reader, bounded for every input.

import ArchiveTesting
import Gzip
import Testing

@Suite("Gzip")
struct GzipTests {
  @Test("A6 members read back one by one and all together")
  func members() throws {
    let parts: [[UInt8]] = [[], [1], Array(repeating: 7, count: 300_000), Array("text".utf8)]
    let bytes = parts.flatMap { Gzip.member(of: $0) }
    #expect(try Gzip.decompress(bytes, limitBytes: 1 << 20) == parts.flatMap(\.self))
    let (plain, length) = try Gzip.firstMember(of: bytes[...], limitBytes: 100)
    #expect(plain.isEmpty && length == Gzip.member(of: [UInt8]()).count)
  }

  @Test("a bomb, a cut member and noise are errors")
  func hostile() {
    let bomb = Gzip.member(of: [UInt8](repeating: 0, count: 10_000_000))
    #expect(throws: GzipError.tooLarge) { try Gzip.decompress(bomb, limitBytes: 1 << 20) }
    let good = Gzip.member(of: Array("some text to compress".utf8))
    for count in 1..<good.count {
      #expect(throws: GzipError.self) {
        try Gzip.decompress(Array(good.prefix(count)), limitBytes: 1000)
      }
    }
    #expect(throws: GzipError.damaged) { try Gzip.decompress([1, 2, 3], limitBytes: 1000) }
  }
}
