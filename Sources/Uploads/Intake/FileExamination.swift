// What is learned of a file while it streams by.

import Crypto
import Encodings

/// A file that came in whole.
package struct ExaminedFile: Sendable, Equatable {
  package let sizeBytes: Int64
  /// SHA-256 in hexadecimal.
  package let sha256: String
  package let content: SniffedContent
  /// Of images whose header could be read.
  package let image: ImageHeader?
  /// What of an image tells more than is to be seen in it; `unknown` for everything else.
  package let metadata: MetadataFinding
}

/// A file, or a stream of it, that has more bytes than it may: 413.
package struct FileTooLarge: Error, Equatable, CustomStringConvertible {
  package let limitBytes: Int64
  package init(limitBytes: Int64) { self.limitBytes = limitBytes }
  package var description: String { "the file is larger than allowed limit=`\(limitBytes)`" }
}

/// Hashes, measures and sniffs a file on its way to the store, in bounded memory: the first 4 KiB, and what `ImageProbe`
/// holds. The limit holds whatever the request said of its length. A value; feed it each chunk before the store gets it.
package struct FileExamination: Sendable {
  private let limitBytes: Int64
  private var sizeBytes: Int64 = 0
  private var hash = SHA256()
  private var prefix = PrefixCollector()
  private var probe: ImageProbe?
  private var scan: MetadataScan?
  private var known: SniffedContent?

  package init(limitBytes: Int64) { self.limitBytes = limitBytes }

  /// The next bytes.
  package mutating func feed(_ chunk: ArraySlice<UInt8>) throws(FileTooLarge) {
    guard Int64(chunk.count) <= limitBytes - sizeBytes else {
      throw FileTooLarge(limitBytes: limitBytes)
    }
    sizeBytes += Int64(chunk.count)
    hash.update(data: chunk)
    guard known == nil else {
      look(at: chunk)
      return
    }
    let before = prefix.bytes.count
    prefix.feed(chunk)
    if prefix.isFull { sniff(isWhole: false, rest: chunk.dropFirst(prefix.bytes.count - before)) }
  }

  /// The file is over.
  package mutating func finish() -> ExaminedFile {
    if known == nil { sniff(isWhole: true, rest: []) }
    probe?.finish()
    let metadata = scan?.finish() ?? .unknown
    return ExaminedFile(
      sizeBytes: sizeBytes, sha256: Hex.text(hash.finalize()),
      content: known ?? SniffedContent(.unknown), image: probe?.header,
      metadata: metadata)
  }

  /// What the file is, once its first bytes are there.
  package var content: SniffedContent? { known }

  /// What an image's header says by now. A flood of pixels is known long before the file's end.
  package var image: ImageHeader? { probe?.header }

  private mutating func sniff(isWhole: Bool, rest: ArraySlice<UInt8>) {
    let content = SniffedContent(prefix: prefix.bytes, isWhole: isWhole && rest.isEmpty)
    known = content
    (probe, scan) = (ImageProbe(content.kind), MetadataScan(content.kind))
    look(at: prefix.bytes[...])
    look(at: rest)
  }

  private mutating func look(at chunk: ArraySlice<UInt8>) {
    guard !chunk.isEmpty else { return }
    probe?.feed(chunk)
    scan?.feed(chunk)
  }
}
