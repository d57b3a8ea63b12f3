// The fast way to read a line: it expects exactly the form that `EntryLine` writes.

/// Reads the fields of a canonical line in their order, without a dictionary.
///
/// Every page of history and every block passes here, and `JSONReader` makes a dictionary for each line.
/// Whatever it does not expect (an escape, data, a field of a newer version, a damaged line) it leaves
/// to that one.
struct CanonicalLineScanner {
  private let bytes: ArraySlice<UInt8>
  private var index: Int

  private init(_ bytes: ArraySlice<UInt8>) { (self.bytes, index) = (bytes, bytes.startIndex) }

  /// `nil` where the line is not of the simple canonical form; it may be a good entry all the same.
  static func entry(_ bytes: ArraySlice<UInt8>) -> Entry? {
    var scanner = CanonicalLineScanner(bytes)
    return scanner.entry()
  }

  private mutating func entry() -> Entry? {
    guard skip("{") else { return nil }
    var clientID: String?
    if skip("\"clientId\":") {
      guard let text = text(), skip(",") else { return nil }
      clientID = text
    }
    guard skip("\"conversationId\":"), let conversation = string().flatMap({ ULID(utf8: $0) }),
      skip(",\"createdAt\":"), let createdAt = string().flatMap({ Timestamp(utf8: $0) }),
      skip(",\"kind\":"), let kind = text(),
      skip(",\"ordinal\":"), let ordinal = integer()
    else { return nil }
    var (replyTo, target, sender): (Int64?, Int64?, ULID?) = (nil, nil, nil)
    if skip(",\"replyTo\":") {
      guard let number = integer() else { return nil }
      replyTo = number
    }
    if skip(",\"senderId\":") {
      guard let id = string().flatMap({ ULID(utf8: $0) }) else { return nil }
      sender = id
    }
    guard skip(",\"seq\":"), let seq = integer(), seq >= 1 else { return nil }
    if skip(",\"target\":") {
      guard let number = integer() else { return nil }
      target = number
    }
    var content: String?
    if skip(",\"text\":") {
      guard let text = text() else { return nil }
      content = text
    }
    guard skip("}"), index == bytes.endIndex else { return nil }
    return Entry(
      conversationID: ConversationID(conversation), seq: seq, ordinal: ordinal,
      kind: EntryKind(rawValue: kind), senderID: sender.map { UserID($0) }, createdAt: createdAt,
      text: content, replyTo: replyTo, target: target, clientID: clientID, data: nil)
  }

  /// Goes behind the literal where it stands here.
  private mutating func skip(_ literal: StaticString) -> Bool {
    let count = literal.utf8CodeUnitCount
    guard bytes.endIndex - index >= count else { return false }
    let isHere = literal.withUTF8Buffer { $0.elementsEqual(bytes[index..<index + count]) }
    if isHere { index += count }
    return isHere
  }

  /// The bytes of a string without escapes.
  private mutating func string() -> ArraySlice<UInt8>? {
    guard skip("\"") else { return nil }
    let start = index
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        index += 1
        return bytes[start..<index - 1]
      }
      if byte == UInt8(ascii: "\\") || byte < 0x20 { return nil }
      index += 1
    }
    return nil
  }

  private mutating func text() -> String? {
    string().flatMap { String(validating: $0, as: UTF8.self) }
  }

  /// A number of at most 18 digits without a sign.
  private mutating func integer() -> Int64? {
    let start = index
    var number: Int64 = 0
    while index < bytes.endIndex, index - start < 18, case let digit = bytes[index] &- 48,
      digit < 10
    {
      number = number * 10 + Int64(digit)
      index += 1
    }
    return index > start ? number : nil
  }
}
