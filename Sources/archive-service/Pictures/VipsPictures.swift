// Pictures by libvips, in a process of its own for each.

import ArchiveCore
import ArchiveService
import Foundation
import Uploads

/// Runs `vipsthumbnail` of Debian's libvips-tools on a file in a folder of its own.
///
/// Decoders of pictures are the code with the longest list of holes that a chat can have. Here they run where a crash
/// harms nobody, with a bound on memory, processor time, time and what is written, and libvips is told to use only
/// those that its makers trust with hostile files.
struct VipsPictures: PictureMaker {
  private let vips: LimitedProcess
  private let directory: String
  private let sourceLimitBytes: Int
  private let newID: @Sendable () -> ULID

  static let program = "vipsthumbnail"
  /// Of what it writes; a picture of 1600 × 1600 pixels takes a tenth of it.
  private static let pictureLimitBytes = 16 << 20

  /// `nil` where the program is not there. Empties the folder of what an earlier process left.
  init?(_ settings: Settings, surroundings: Surroundings) throws {
    guard let program = Self.path(settings.pictures.program), LimitedProcess.isPossible else {
      return nil
    }
    // The program runs in a folder below it, from where a relative path leads elsewhere.
    directory = URL(filePath: settings.dataDirectory).appending(path: "pictures").path
    sourceLimitBytes = settings.service.pictures.sourceLimitBytes
    newID = surroundings.newID
    vips = LimitedProcess(
      program: program,
      environment: [
        "LC_ALL": "C", "VIPS_BLOCK_UNTRUSTED": "1", "VIPS_CONCURRENCY": "1",
        // Each arena reserves 64 MiB of the address space that is counted.
        "MALLOC_ARENA_MAX": "1", "TMPDIR": directory,
      ],
      memoryBytes: settings.pictures.memoryBytes,
      processorSeconds: Int(max(1, settings.pictures.timeout.components.seconds)),
      fileBytes: Self.pictureLimitBytes, deadline: settings.pictures.timeout,
      sleep: surroundings.sleep)
    if FileManager.default.fileExists(atPath: directory) {
      try FileManager.default.removeItem(atPath: directory)
    }
    try PrivateFile.makeDirectory(directory)
  }

  /// Where the program is; `nil` where it is not, or is not wanted.
  static func path(_ name: String) -> String? {
    guard name != "off" else { return nil }
    let places = name.contains("/") ? [name] : ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }
    return places.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  func pictures(
    within sides: PictureSides, of next: @escaping @Sendable () async throws -> [UInt8]?
  ) async throws -> MadePictures {
    let folder = directory + "/" + newID().description
    try PrivateFile.makeDirectory(folder)
    defer {
      // What cannot be removed now goes at the next start.
      try? FileManager.default.removeItem(atPath: folder)
    }
    try await write(next, to: folder + "/source")
    try await shrink("source", to: "preview.webp", sides.preview, in: folder)
    // Of the preview: decoding the original once is enough.
    try await shrink("preview.webp", to: "thumbnail.webp", sides.thumbnail, in: folder)
    return MadePictures(
      preview: try read(folder + "/preview.webp"), thumbnail: try read(folder + "/thumbnail.webp"))
  }

  private func shrink(_ source: String, to target: String, _ side: Int, in folder: String)
    async throws
  {
    let end: LimitedProcess.End
    do {
      end = try await vips.run(
        [
          source, "--size", "\(side)x\(side)>", "--export-profile", "srgb", "-o",
          folder + "/" + target + "[Q=80,strip]",
        ], in: folder)
    } catch let error as CancellationError {
      throw error
    } catch {
      throw PictureError(.unavailable, "vipsthumbnail cannot be started: \(error)")
    }
    switch end {
    case .success: return
    case .failure(let code): throw PictureError(.unfit, "it cannot be decoded code=`\(code)`")
    case .tooSlow: throw PictureError(.unfit, "decoding it takes too long")
    }
  }

  private func write(_ next: @Sendable () async throws -> [UInt8]?, to path: String) async throws {
    guard
      FileManager.default.createFile(
        atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
      let file = FileHandle(forWritingAtPath: path)
    else { throw PictureError(.unavailable, "a file cannot be made path=`\(path)`") }
    defer {
      // Nothing is read from it where a write failed.
      try? file.close()
    }
    var size = 0
    while let chunk = try await next() {
      size += chunk.count
      guard size <= sourceLimitBytes else { throw PictureError(.unfit, "it is too large") }
      do { try file.write(contentsOf: chunk) } catch {
        throw PictureError(.unavailable, "a file cannot be written: \(error)")
      }
    }
  }

  private func read(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path),
      data.count <= Self.pictureLimitBytes, let picture = MetadataScan.bareWebP(Array(data))
    else { throw PictureError(.unfit, "no picture came out of it") }
    return picture
  }
}
