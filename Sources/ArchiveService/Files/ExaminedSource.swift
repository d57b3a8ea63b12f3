// Bytes on their way to the object store, examined as they pass.

import Uploads

/// Pulls chunks from a source and lets `FileExamination` see each before the store does.
///
/// Unchecked: one pulls at a time. First `begin`, then the store alone, which asks for a chunk when it has the one before
/// (the contract of `ObjectBody.stream`), then `finish`.
final class ExaminedSource: @unchecked Sendable {
  typealias Source = @Sendable () async throws -> [UInt8]?

  private let source: Source
  private var examination: FileExamination
  /// Read, and not yet handed on.
  private var held: [[UInt8]] = []
  private var examined: ExaminedFile?
  /// Why the source broke off. A store wraps what its source throws.
  private(set) var failure: (any Error)?

  init(limitBytes: Int64, _ source: @escaping Source) {
    self.source = source
    examination = FileExamination(limitBytes: limitBytes)
  }

  /// Reads as far as it takes to know what the file is.
  func begin() async throws -> SniffedContent {
    while examination.content == nil, let chunk = try await pull() { held.append(chunk) }
    return examination.content ?? finish().content
  }

  /// The whole file, where all of it was read already.
  var whole: [UInt8]? { examined == nil ? nil : held.flatMap { $0 } }

  func next() async throws -> [UInt8]? {
    if !held.isEmpty { return held.removeFirst() }
    return examined == nil ? try await pull() : nil
  }

  /// What the file is, once the source is over.
  func finish() -> ExaminedFile {
    if let examined { return examined }
    let file = examination.finish()
    examined = file
    return file
  }

  private func pull() async throws -> [UInt8]? {
    do {
      // No store wants an empty chunk, and some sources have them.
      while let chunk = try await source() {
        guard !chunk.isEmpty else { continue }
        try examination.feed(chunk[...])
        return chunk
      }
      _ = finish()
      return nil
    } catch {
      failure = error
      throw error
    }
  }
}
