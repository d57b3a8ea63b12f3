// Checksums of pieces.

import Crypto
import Encodings

/// The field `Upload-Checksum` (tus 1.0.0, «Checksum»): an algorithm and the digest of this request's body in base 64.
package struct TusChecksum: Sendable, Equatable {
  /// What can be checked. A server must know SHA-1; it and MD5 serve against faults, not against people.
  package enum Algorithm: String, Sendable, CaseIterable {
    case sha256, sha1, md5

    var digestBytes: Int {
      switch self {
      case .sha256: 32
      case .sha1: 20
      case .md5: 16
      }
    }
  }

  package let algorithm: Algorithm
  package let digest: [UInt8]

  /// `nil` for an algorithm that is not known, and for a digest that is none of it.
  package init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 2, let algorithm = Algorithm(rawValue: String(words[0])),
      let digest = Base64.standard.bytes(words[1].utf8), digest.count == algorithm.digestBytes
    else { return nil }
    (self.algorithm, self.digest) = (algorithm, digest)
  }
}

/// The digest of a piece as its bytes come in.
struct TusDigest: Sendable {
  private enum Hash: Sendable {
    case sha256(SHA256), sha1(Insecure.SHA1), md5(Insecure.MD5)
  }

  private let expected: [UInt8]
  private var hash: Hash

  init(_ checksum: TusChecksum) {
    expected = checksum.digest
    hash =
      switch checksum.algorithm {
      case .sha256: .sha256(SHA256())
      case .sha1: .sha1(Insecure.SHA1())
      case .md5: .md5(Insecure.MD5())
      }
  }

  mutating func update(_ bytes: ArraySlice<UInt8>) {
    switch hash {
    case .sha256(var state):
      state.update(data: bytes)
      hash = .sha256(state)
    case .sha1(var state):
      state.update(data: bytes)
      hash = .sha1(state)
    case .md5(var state):
      state.update(data: bytes)
      hash = .md5(state)
    }
  }

  /// Whether all bytes have the announced digest.
  var matches: Bool {
    switch hash {
    case .sha256(let state): expected.elementsEqual(state.finalize())
    case .sha1(let state): expected.elementsEqual(state.finalize())
    case .md5(let state): expected.elementsEqual(state.finalize())
    }
  }
}
