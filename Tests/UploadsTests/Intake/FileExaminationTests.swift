// A file is known when it has passed.

import Crypto
import Encodings
import Testing

@testable import Uploads

@Suite struct FileExaminationTests {
  private func examine(_ bytes: [UInt8], chunk: Int, limit: Int64 = 1 << 20) throws -> ExaminedFile
  {
    var examination = FileExamination(limitBytes: limit)
    for start in stride(from: 0, to: bytes.count, by: chunk) {
      try examination.feed(bytes[start..<min(start + chunk, bytes.count)])
    }
    return examination.finish()
  }

  @Test("E1 size, hash, kind and dimensions are the same, whatever the chunks")
  func examines() throws {
    var random = TestGenerator()
    let exif = Sample.bytes("Exif\0\0") + SampleImage.exif(6)
    let long = SampleImage.segment(0xE2, random.bytes(60_000))
    let photo = SampleImage.jpeg(SampleImage.segment(0xE1, exif), long, SampleImage.frame(640, 480))
    let files = [
      photo, SampleImage.png(6, 4), Sample.bytes("hello"), [], random.bytes(5000),
      random.bytes(4096),
    ]
    for bytes in files {
      let whole = try examine(bytes, chunk: max(1, bytes.count))
      #expect(whole.sizeBytes == Int64(bytes.count))
      #expect(whole.sha256 == Hex.text(SHA256.hash(data: bytes)))
      #expect(whole.content == SniffedContent(prefix: bytes, isWhole: true))
      for chunk in [1, 7, 4095, 4096, 4097] { #expect(try examine(bytes, chunk: chunk) == whole) }
    }
    let seen = try examine(photo, chunk: 1000).image
    #expect(seen?.shown == PixelSize(width: 480, height: 640))
  }

  @Test(
    "U13 nothing, and exactly the limit, are taken; one byte more is not", arguments: [1, 3, 100])
  func limits(_ chunk: Int) throws {
    #expect(try examine([], chunk: chunk, limit: 100).sizeBytes == 0)
    let file = [UInt8](repeating: 7, count: 100)
    #expect(try examine(file, chunk: chunk, limit: 100).sizeBytes == 100)
    #expect(throws: FileTooLarge(limitBytes: 100)) {
      try examine(file + [7], chunk: chunk, limit: 100)
    }
    #expect(throws: FileTooLarge(limitBytes: 0)) { try examine([7], chunk: chunk, limit: 0) }
  }

  @Test("U12 a flood of pixels is known before the file is over")
  func knowsEarly() throws {
    var examination = FileExamination(limitBytes: 1 << 20)
    try examination.feed(
      (SampleImage.png(50_000, 50_000) + [UInt8](repeating: 0, count: 4096))[...])
    #expect(examination.content?.kind == .png)
    #expect(!PixelCap().admits(examination.image))
  }
}
