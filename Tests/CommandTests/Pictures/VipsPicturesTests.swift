// The real program that makes pictures; where it is not installed these tests are skipped.

import ArchiveCore
import ArchiveService
import Foundation
import Testing
import Uploads

@testable import archive_service

@Suite(
  .enabled(
    if: VipsPictures.path(VipsPictures.program) != nil,
    "vipsthumbnail is not installed: apt-get install libvips-tools"))
struct VipsPicturesTests {
  /// 40 × 20 pixels, the left half red, the right one blue.
  private static let image =
    Data(
      base64Encoded: """
        /9j/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//\
        2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAAR\
        CAAUACgDASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAQF/8QAGBABAAMBAAAAAAAAAAAAAAAAAARDgcH/xAAWAQEB\
        AQAAAAAAAAAAAAAAAAAFBgf/xAAaEQABBQEAAAAAAAAAAAAAAAAAAQIFNIGx/9oADAMBAAIRAxEAPwDBAGFyST694kVz694k\
        XMNSZvVI2VtvziAAmHmsAzM0Ikn17xIC5hqTN6pGytt+cQAEw8//2Q==
        """
    ).map { [UInt8]($0) } ?? []

  /// The same with what a phone writes into it: turned right, and where it was taken.
  private static var photograph: [UInt8] {
    var exif: [UInt8] = Array("Exif".utf8) + [0, 0] + Array("MM".utf8) + [0, 42, 0, 0, 0, 8]
    exif += [0, 2]
    exif += [1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]
    exif += [0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]
    exif += [0, 0, 0, 0]
    // The folder of places, with a reference that is easily found.
    exif += [0, 1, 0, 1, 0, 2, 0, 0, 0, 12, 0, 0, 0, 56, 0, 0, 0, 0] + Array("SECRET-PLACE".utf8)
    let comment = Array("SECRET-COMMENT".utf8)
    func segment(_ marker: UInt8, _ body: [UInt8]) -> [UInt8] {
      [0xFF, marker, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 255)] + body
    }
    return Array(image.prefix(2)) + segment(0xE1, exif) + segment(0xFE, comment)
      + Array(image.dropFirst(2))
  }

  private static func make(
    _ bytes: [UInt8], _ sides: PictureSides = PictureSides(),
    _ change: (inout Settings) -> Void = { _ in }
  ) async throws -> (MadePictures, leftovers: [String]) {
    let scratch = try ScratchDirectory()
    var settings = Settings()
    settings.dataDirectory = scratch.path
    change(&settings)
    let vips = try #require(
      try VipsPictures(settings, surroundings: LiveSurroundings.make(death: nil)))
    let source = Pieces(bytes)
    let outcome: Result<MadePictures, any Error>
    do {
      outcome = .success(try await vips.pictures(within: sides) { await source.next() })
    } catch {
      outcome = .failure(error)
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/pictures")
    #expect(left.isEmpty)
    withExtendedLifetime(scratch) {}
    return (try outcome.get(), left)
  }

  private static func size(_ bytes: [UInt8]) -> PixelSize? {
    guard SniffedContent(prefix: bytes, isWhole: true).kind == .webp,
      var probe = ImageProbe(.webp)
    else { return nil }
    probe.feed(bytes[...])
    probe.finish()
    return probe.header?.shown
  }

  @Test("E2 a preview is upright, and has nothing of what the camera wrote")
  func strips() async throws {
    let (made, _) = try await Self.make(Self.photograph, PictureSides(preview: 30, thumbnail: 10))
    #expect(Self.size(made.preview) == PixelSize(width: 15, height: 30))
    #expect(Self.size(made.thumbnail) == PixelSize(width: 5, height: 10))
    for picture in [made.preview, made.thumbnail] {
      let text = String(decoding: picture, as: UTF8.self)
      for word in ["SECRET", "Exif", "EXIF", "XMP", "ICCP"] { #expect(!text.contains(word)) }
    }
  }

  @Test("E2 previews are made in a data directory that is named from where the server starts")
  func relative() async throws {
    let up = FileManager.default.currentDirectoryPath.split(separator: "/").map { _ in ".." }
    let (made, _) = try await Self.make(Self.image) { settings in
      settings.dataDirectory = up.joined(separator: "/") + settings.dataDirectory
    }
    #expect(Self.size(made.preview) == PixelSize(width: 40, height: 20))
  }

  @Test("E2 a small picture is not made larger")
  func keepsSmall() async throws {
    let (made, _) = try await Self.make(Self.image)
    #expect(Self.size(made.preview) == PixelSize(width: 40, height: 20))
  }

  @Test(
    "E2 U27 what is no picture, or only looks like one, is refused and leaves nothing",
    arguments: [
      [], Array("hello".utf8), Array(image.prefix(60)),
      Array(#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>"#.utf8),
      Array("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n".utf8),
      Array("push graphic-context\nviewbox 0 0 9 9\nfill 'url(https://x/)'\n".utf8),
    ] as [[UInt8]])
  func refuses(bytes: [UInt8]) async throws {
    do {
      _ = try await Self.make(bytes)
      Issue.record("a picture came out of it")
    } catch let error as PictureError {
      #expect(error.kind == .unfit)
    }
  }

  @Test("E2 a source that is larger than announced is refused")
  func largeSource() async throws {
    do {
      _ = try await Self.make(Self.image) { $0.service.pictures.sourceLimitBytes = 100 }
      Issue.record("a picture came out of it")
    } catch let error as PictureError {
      #expect(error.kind == .unfit)
    }
  }
}

@Suite struct LimitedProcessTests {
  private static func process(_ program: String, memoryBytes: Int = 1 << 30) -> LimitedProcess {
    LimitedProcess(
      program: program, environment: ["PATH": "/usr/bin:/bin"], memoryBytes: memoryBytes,
      processorSeconds: 1, fileBytes: 4096, deadline: .milliseconds(300),
      sleep: LiveSurroundings.make(death: nil).sleep)
  }

  private static func run(_ script: String, memoryBytes: Int = 1 << 30) async throws
    -> LimitedProcess.End
  {
    try await process("/bin/sh", memoryBytes: memoryBytes).run(["-c", script], in: "/tmp")
  }

  @Test("a program ends with its time, and has nothing of ours")
  func limits() async throws {
    #expect(try await Self.run("exit 0") == .success)
    #expect(try await Self.run("exit 3") == .failure(code: 3))
    #expect(try await Self.run("sleep 60") == .tooSlow)
    #expect(try await Self.run(#"test -z "$HOME$ARCHIVE_CONFIG""#) == .success)
    #expect(try await Self.run("read line") == .failure(code: 1))
    let file =
      FileManager.default.temporaryDirectory.path + "/limit-\(UInt64.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: file) }
    #expect(try await Self.run("head -c 9000 /dev/zero >\(file)") != .success)
    #expect((FileManager.default.contents(atPath: file)?.count ?? 0) <= 4096)
    #expect(
      try await Self.run("x=$(head -c 90000000 /dev/zero | tr '\\0' x)", memoryBytes: 40 << 20)
        != .success)
  }

  @Test("a program that is not there cannot be started, and says so")
  func missing() async throws {
    #expect(try await Self.process("/nowhere/vipsthumbnail").run([], in: "/tmp") != .success)
  }
}

/// Bytes in small pieces.
private actor Pieces {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  func next() -> [UInt8]? {
    guard !rest.isEmpty else { return nil }
    defer { rest = rest.dropFirst(100) }
    return Array(rest.prefix(100))
  }
}
