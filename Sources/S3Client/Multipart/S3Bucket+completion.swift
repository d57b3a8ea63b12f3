// Whether an upload is complete although nobody said so.

import Crypto
import Encodings

extension S3Bucket {
  /// The completion's reply was lost, or what came tells nothing. Is the object there?
  func recover(
    _ upload: S3Upload, _ parts: [S3Part], failure: S3Error
  ) async throws(S3Error) -> S3Receipt {
    // A task that was cancelled asks nobody any more.
    guard failure.kind != .cancelled else { throw failure }
    let expected = Self.compositeETag(parts)
    let size = Self.size(parts)
    if let found = try? await head(upload.key), let expected, found.sizeBytes == size,
      Self.bare(found.etag) == expected
    {
      return S3Receipt(etag: found.etag, wasRecovered: true)
    }
    // While the upload is open, it was not completed, and what the server said is true.
    guard try await hasEnded(upload, failure: failure) else { throw failure }
    throw S3Error(
      .broken, "an upload has ended, and the object is not the one expected",
      status: failure.status, code: failure.code,
      hint: "look at the object before uploading it again", cause: failure)
  }

  private func hasEnded(_ upload: S3Upload, failure: S3Error) async throws(S3Error) -> Bool {
    do {
      _ = try await listParts(upload)
      return false
    } catch {
      // A server that cannot tell leaves the first failure standing.
      guard error.kind == .notFound else { throw failure }
      return true
    }
  }

  /// The ETag that servers give an object of these parts: the MD5 of their MD5s, and their number. `nil` where a part's
  /// ETag is no MD5, as with encryption by a key service.
  static func compositeETag(_ parts: [S3Part]) -> String? {
    var hash = Insecure.MD5()
    for part in parts {
      guard let bytes = bare(part.etag).flatMap(Hexadecimal.decode), bytes.count == 16 else {
        return nil
      }
      hash.update(data: bytes)
    }
    return Hex.text(hash.finalize()) + "-\(parts.count)"
  }

  private static func size(_ parts: [S3Part]) -> Int64? {
    var size: Int64 = 0
    for part in parts {
      guard let bytes = part.sizeBytes else { return nil }
      let (sum, overflow) = size.addingReportingOverflow(bytes)
      guard !overflow else { return nil }
      size = sum
    }
    return size
  }

  /// Without quotation marks, in lower case.
  private static func bare(_ etag: String?) -> String? {
    etag.map { $0.filter { $0 != "\"" }.lowercased() }
  }
}

/// Bytes written as pairs of digits.
enum Hexadecimal {
  /// `nil` for anything else.
  static func decode(_ text: String) -> [UInt8]? {
    let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map {
      UInt8(truncatingIfNeeded: digits[$0] << 4 | digits[$0 + 1])
    }
  }
}
