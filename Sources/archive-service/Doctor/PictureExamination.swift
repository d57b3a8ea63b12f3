// The program that makes pictures, tried out.

import ArchiveCore
import ArchiveService
import Foundation

/// Makes pictures of a small one.
struct PictureExamination {
  let settings: Settings
  let surroundings: Surroundings

  private static let cure =
    "install libvips-tools, set pictures.program to its vipsthumbnail, or to off"

  func finding() async -> DoctorFinding {
    let name = "pictures"
    guard settings.pictures.program != "off" else {
      return DoctorFinding(name, .skipped, "pictures.program is off: there are no thumbnails")
    }
    var settings = settings
    // The server may be running, and its folder be in use.
    let folder =
      FileManager.default.temporaryDirectory.path
      + "/archive-doctor-" + surroundings.newID().description
    settings.dataDirectory = folder
    defer {
      // It lies where such things are cleaned up.
      try? FileManager.default.removeItem(atPath: folder)
    }
    do {
      guard let vips = try VipsPictures(settings, surroundings: surroundings) else {
        return DoctorFinding(
          name, .warning,
          "there is no \(settings.pictures.program): the server runs without thumbnails",
          cure: Self.cure)
      }
      let sample = OneChunk(Self.sample)
      _ = try await vips.pictures(within: PictureSides()) { await sample.next() }
      return DoctorFinding(name, .ok, "vipsthumbnail makes previews and thumbnails")
    } catch {
      return DoctorFinding(name, .warning, "no picture could be made: \(error)", cure: Self.cure)
    }
  }

  /// A PNG of one pixel.
  private static let sample: [UInt8] =
    [
      0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0,
      0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xDE, 0, 0, 0, 0x0C, 0x49, 0x44, 0x41,
      0x54, 8, 0xD7, 0x63, 0xF8, 0xCF, 0xC0, 0, 0, 3, 1, 1, 0, 0x18, 0xDD, 0x8D, 0xB0, 0, 0, 0, 0,
      0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
    ]
}

/// Bytes that come in one piece.
private actor OneChunk {
  private var bytes: [UInt8]?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func next() -> [UInt8]? {
    defer { bytes = nil }
    return bytes
  }
}
