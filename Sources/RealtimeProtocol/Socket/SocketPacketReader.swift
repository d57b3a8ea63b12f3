// Reads what stands before the JSON of a packet.

/// Goes through the head of a packet: `<type>[<attachments>-][<namespace>,][<id>]`.
struct SocketPacketReader {
  private(set) var rest: ArraySlice<UInt8>

  /// Longer than any namespace of ours; it is sent back in an error.
  private static let namespaceLimitBytes = 128

  init(_ text: ArraySlice<UInt8>) { rest = text }

  mutating func readType() throws(SocketPacketError) -> (kind: SocketPacket.Kind, isBinary: Bool) {
    switch rest.popFirst() {
    case UInt8(ascii: "0"): return (.connect, false)
    case UInt8(ascii: "1"): return (.disconnect, false)
    case UInt8(ascii: "2"): return (.event, false)
    case UInt8(ascii: "3"): return (.ack, false)
    case UInt8(ascii: "4"): return (.connectError, false)
    case UInt8(ascii: "5"): return (.event, true)
    case UInt8(ascii: "6"): return (.ack, true)
    default: throw .unknownType
    }
  }

  /// One at least: whoever has none sends the other kind of packet.
  mutating func readAttachmentCount(_ limit: Int) throws(SocketPacketError) -> Int {
    guard let count = readDigits(limit: Int64(limit)), count >= 1,
      rest.popFirst() == UInt8(ascii: "-")
    else { throw .attachmentCount }
    return Int(count)
  }

  mutating func readNamespace() throws(SocketPacketError) -> String {
    guard rest.first == UInt8(ascii: "/") else { return "/" }
    let name = rest.prefix(Self.namespaceLimitBytes + 1).prefix { $0 != UInt8(ascii: ",") }
    guard name.count <= Self.namespaceLimitBytes,
      let namespace = String(validating: name, as: UTF8.self)
    else { throw .namespace }
    rest = rest[name.endIndex...].dropFirst()
    return namespace
  }

  mutating func readID() throws(SocketPacketError) -> Int64? {
    guard let first = rest.first, ASCII.digit(first) != nil else { return nil }
    // What JavaScript counts exactly.
    guard let id = readDigits(limit: 9_007_199_254_740_991) else { throw .id }
    return id
  }

  /// `nil` where there is no digit, or where the number is beyond the limit.
  private mutating func readDigits(limit: Int64) -> Int64? {
    var number: Int64?
    while let digit = rest.first.flatMap(ASCII.digit) {
      let (shifted, isTooLarge) = (number ?? 0).multipliedReportingOverflow(by: 10)
      guard !isTooLarge, shifted <= limit - Int64(digit) else { return nil }
      number = shifted + Int64(digit)
      rest.removeFirst()
    }
    return number
  }
}
