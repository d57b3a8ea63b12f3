// The packets of Socket.IO, revision 5, as a client sends them.

/// A packet, without the attachments that come behind it (Socket.IO protocol, "Packet encoding").
package struct SocketPacket: Hashable, Sendable {
  package enum Kind: Sendable {
    /// With an object, or with none.
    case connect
    case disconnect
    /// With an array that begins with the event's name.
    case event
    /// With an array, and an identifier.
    case ack
    /// With an object or a text. No client has a reason to send it.
    case connectError
  }

  package let kind: Kind
  /// `/` or what stands behind it.
  package let namespace: String
  /// Asks for an acknowledgement of an event, or says which event is acknowledged.
  package let id: Int64?
  package var payload: JSONValue?
  /// The number of binary messages that belong to it.
  package let attachmentCount: Int

  /// - Parameter text: a message of Engine.IO.
  package init(_ text: ArraySlice<UInt8>, settings: RealtimeSettings) throws(SocketPacketError) {
    var reader = SocketPacketReader(text)
    let type = try reader.readType()
    kind = type.kind
    attachmentCount = type.isBinary ? try reader.readAttachmentCount(settings.attachmentLimit) : 0
    namespace = try reader.readNamespace()
    id = try reader.readID()
    payload = try Self.payload(reader.rest, settings.json)
    try check()
    if let payload, type.isBinary { try Attachments.check(payload, count: attachmentCount) }
  }

  private static func payload(_ text: ArraySlice<UInt8>, _ limits: JSONLimits)
    throws(SocketPacketError) -> JSONValue?
  {
    guard !text.isEmpty else { return nil }
    do {
      return try JSONParser.value(text, limits: limits)
    } catch {
      throw .payload(error)
    }
  }

  private func check() throws(SocketPacketError) {
    let isValid =
      switch (kind, payload) {
      case (.connect, nil), (.connect, .object), (.disconnect, nil): true
      case (.connectError, .object), (.connectError, .string): true
      case (.event, .array(let elements)): Self.isEventName(elements.first)
      case (.ack, .array): id != nil
      default: false
      }
    guard isValid else { throw .wrongPayload }
  }

  /// Names with a meaning of their own inside clients and servers are refused, as the reference does.
  private static func isEventName(_ value: JSONValue?) -> Bool {
    guard case .string(let name)? = value else { return false }
    switch name {
    case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
      return false
    default: return true
    }
  }
}

/// Why a text is no packet.
package enum SocketPacketError: Error, Equatable {
  case unknownType
  case attachmentCount
  case namespace
  case id
  case payload(JSONError)
  /// JSON, but not what a packet of this kind holds.
  case wrongPayload
  /// A placeholder for an attachment that is not there.
  case placeholder
}
