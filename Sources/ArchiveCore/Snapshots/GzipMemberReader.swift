// An object as the gzip members it is made of, without holding it whole.

internal import Crypto
internal import Encodings
internal import Gzip

/// Reads members one after another, and hashes everything on the way. Memory: two members of the greatest size.
struct GzipMemberReader {
  enum Item {
    case plain([UInt8], Range<Int64>)
    /// What lies from here on is no member; `skipDamage` looks for the next.
    case damage(GzipError, at: Int64)
  }

  private let object: StoredObject
  private let limitBytes: Int
  private var buffer: [UInt8] = []
  private var place = 0
  private var isAtEnd = false
  private var hash = SHA256()
  private var dropped: Int64 = 0

  /// - Parameter limitBytes: no member is larger, compressed or not.
  init(_ object: StoredObject, limitBytes: Int) {
    (self.object, self.limitBytes) = (object, limitBytes)
  }

  /// Bytes of the object up to the present place.
  private var offset: Int64 { dropped + Int64(place) }

  /// The next member; `nil` at the end.
  mutating func next() async throws(StoreError) -> Item? {
    try await fill()
    guard place < buffer.count else { return nil }
    do {
      let start = offset
      let (plain, length) = try Gzip.firstMember(of: buffer[place...], limitBytes: limitBytes)
      place += length
      return .plain(plain, start..<offset)
    } catch {
      return .damage(error, at: offset)
    }
  }

  /// Goes to the next place at which a member may begin, or to the end.
  mutating func skipDamage() async throws(StoreError) {
    let magic: [UInt8] = [0x1F, 0x8B, 0x08, 0x00]
    place += 1
    while true {
      try await fill()
      while place + magic.count <= buffer.count {
        if buffer[place] == magic[0], buffer[place..<place + magic.count].elementsEqual(magic) {
          return
        }
        place += 1
      }
      if isAtEnd {
        place = buffer.count
        return
      }
    }
  }

  /// The SHA-256 and size of the whole object; reads what is left of it.
  mutating func digest() async throws(StoreError) -> (sha256: String, bytes: Int64) {
    while !isAtEnd || place < buffer.count {
      place = buffer.count
      try await fill()
    }
    return (Hex.text(hash.finalize()), offset)
  }

  /// Holds at least one whole member, or the object's end. A little more than the limit, because what cannot be
  /// compressed grows.
  private mutating func fill() async throws(StoreError) {
    let wanted = limitBytes + limitBytes / 1000 + 4096
    if buffer.count - place >= wanted || isAtEnd { return }
    dropped += Int64(place)
    buffer.removeFirst(place)
    place = 0
    do {
      while buffer.count < wanted {
        guard let chunk = try await object.next() else {
          isAtEnd = true
          return
        }
        hash.update(data: chunk)
        buffer += chunk
      }
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.unavailable, "reading broke off key=`\(object.info.key)`", cause: error)
    }
  }
}

/// The SHA-256 of lines, each with its line feed.
struct LineDigest {
  private var hash = SHA256()

  mutating func append(_ line: some Sequence<UInt8>) {
    hash.update(data: Array(line))
    hash.update(data: [UInt8(ascii: "\n")])
  }

  /// Of what was appended so far.
  var hex: String { Hex.text(hash.finalize()) }
}
