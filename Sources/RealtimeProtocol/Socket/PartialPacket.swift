// A packet whose attachments are still on their way.

/// Collects the attachments of one packet.
struct PartialPacket: Sendable {
  let packet: SocketPacket
  /// When they must be here.
  let deadline: Moment
  private var attachments: [[UInt8]] = []
  private var byteCount = 0

  init(packet: SocketPacket, deadline: Moment) {
    self.packet = packet
    self.deadline = deadline
  }

  /// Whether it still fits.
  mutating func append(_ attachment: [UInt8], limitBytes: Int) -> Bool {
    byteCount += attachment.count
    guard byteCount <= limitBytes else { return false }
    attachments.append(attachment)
    return true
  }

  /// The packet with its attachments in place; `nil` while some are missing.
  var whole: SocketPacket? {
    guard attachments.count == packet.attachmentCount else { return nil }
    var packet = packet
    packet.payload = packet.payload.map { Attachments.placed(attachments, in: $0) }
    return packet
  }
}
