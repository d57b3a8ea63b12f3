// A packet of Socket.IO, encoded once and written to many.

/// A packet as it leaves: a text, and the attachments behind it.
///
/// The bytes are shared by all copies, so that sending one packet to ten thousand sockets encodes it once.
package struct EncodedPacket: Hashable, Sendable {
  /// The payload of a text frame, from Engine.IO's `4` on.
  package let text: [UInt8]
  /// The payloads of the binary frames that follow at once.
  package let attachments: [[UInt8]]

  package var byteCount: Int { attachments.reduce(text.count) { $0 + $1.count } }

  /// In the order in which they are sent.
  package var frames: [EngineFrame] { [.text(text)] + attachments.map(EngineFrame.binary) }

  /// An event.
  ///
  /// - Parameters:
  ///   - namespace: must not hold a comma.
  ///   - id: asks for an acknowledgement; from ``SocketSession/awaitAcknowledgement(in:)``.
  package static func event(
    _ name: String, _ arguments: [JSONValue] = [], namespace: String = "/", id: Int64? = nil
  ) -> EncodedPacket {
    encoded(.event, namespace, id, [.string(name)] + arguments)
  }

  /// An event with one argument that is JSON already: nothing is read or written again.
  ///
  /// - Parameter json: one value without raw control characters, as every encoder writes it.
  package static func event(
    _ name: String, json: some Collection<UInt8>, namespace: String = "/"
  ) -> EncodedPacket {
    var writer = head(
      .event, attachmentCount: 0, namespace, nil, capacity: name.utf8.count + json.count)
    writer.append(raw: "[")
    writer.append(name)
    writer.append(raw: ",")
    writer.append(json: json)
    writer.append(raw: "]")
    return EncodedPacket(text: writer.bytes, attachments: [])
  }

  /// The acknowledgement of a client's event.
  package static func acknowledgement(
    _ id: Int64, _ arguments: [JSONValue] = [], namespace: String = "/"
  ) -> EncodedPacket {
    encoded(.ack, namespace, id, arguments)
  }

  /// The same with one argument that is JSON already.
  package static func acknowledgement(
    _ id: Int64, json: some Collection<UInt8>, namespace: String = "/"
  ) -> EncodedPacket {
    var writer = head(.ack, attachmentCount: 0, namespace, id, capacity: json.count)
    writer.append(raw: "[")
    writer.append(json: json)
    writer.append(raw: "]")
    return EncodedPacket(text: writer.bytes, attachments: [])
  }

  static func connected(_ namespace: String, socketID: String) -> EncodedPacket {
    var writer = head(.connect, attachmentCount: 0, namespace, nil, capacity: 64)
    writer.append(["sid": .string(socketID)] as JSONValue)
    return EncodedPacket(text: writer.bytes, attachments: [])
  }

  static func refused(_ namespace: String, message: String, data: JSONValue?) -> EncodedPacket {
    var object = JSONObject([JSONObject.Field(name: "message", value: .string(message))])
    if let data { object.fields.append(JSONObject.Field(name: "data", value: data)) }
    var writer = head(.connectError, attachmentCount: 0, namespace, nil, capacity: 128)
    writer.append(.object(object))
    return EncodedPacket(text: writer.bytes, attachments: [])
  }

  static func disconnect(_ namespace: String) -> EncodedPacket {
    let writer = head(.disconnect, attachmentCount: 0, namespace, nil, capacity: 0)
    return EncodedPacket(text: writer.bytes, attachments: [])
  }

  private static func encoded(
    _ kind: SocketPacket.Kind, _ namespace: String, _ id: Int64?, _ arguments: [JSONValue]
  ) -> EncodedPacket {
    // The number of attachments stands in front, so packets that have any are written in two parts.
    guard arguments.contains(where: \.containsBinary) else {
      var writer = head(kind, attachmentCount: 0, namespace, id, capacity: 256)
      writer.append(arguments)
      return EncodedPacket(text: writer.bytes, attachments: [])
    }
    var body = JSONWriter()
    body.append(arguments)
    let front = head(
      kind, attachmentCount: body.attachments.count, namespace, id, capacity: body.bytes.count)
    return EncodedPacket(text: front.bytes + body.bytes, attachments: body.attachments)
  }

  private static func head(
    _ kind: SocketPacket.Kind, attachmentCount: Int, _ namespace: String, _ id: Int64?,
    capacity: Int
  ) -> JSONWriter {
    var writer = JSONWriter(capacity: capacity + namespace.utf8.count + 32)
    writer.append(raw: kind.digits(isBinary: attachmentCount > 0))
    if attachmentCount > 0 { writer.append(raw: "\(attachmentCount)-") }
    if namespace != "/" {
      writer.append(raw: namespace)
      writer.append(raw: ",")
    }
    if let id { writer.append(raw: String(id)) }
    return writer
  }
}

extension SocketPacket.Kind {
  /// The type of Engine.IO's message, and that of the packet.
  fileprivate func digits(isBinary: Bool) -> String {
    switch self {
    case .connect: "40"
    case .disconnect: "41"
    case .event: isBinary ? "45" : "42"
    case .ack: isBinary ? "46" : "43"
    case .connectError: "44"
    }
  }
}
