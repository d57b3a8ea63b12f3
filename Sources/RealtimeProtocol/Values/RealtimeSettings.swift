// The intervals and limits that all sessions of a server share.

/// What sessions may take, and how long they may take it.
///
/// A class, so that each of many thousand sessions holds one reference and not a copy.
package final class RealtimeSettings: Sendable {
  /// How long after a pong the next ping is sent.
  package let pingInterval: Duration
  /// How long a client may take to answer a ping.
  package let pingTimeout: Duration
  /// How long a WebSocket may take from its opening to the end of the upgrade.
  package let upgradeTimeout: Duration
  /// How long a session may be without any namespace.
  package let connectTimeout: Duration
  /// How long the attachments of one packet may take.
  package let attachmentTimeout: Duration
  /// The largest message, the largest body of a request, and all attachments of one packet together.
  package let maxPayloadBytes: Int
  /// What may wait for the next poll, or for the end of an upgrade; more ends the session as a slow reader.
  package let bufferLimitBytes: Int
  package let bufferLimitFrames: Int
  /// The namespaces that there are; all others are answered with an error.
  package let namespaces: [String]
  package let attachmentLimit: Int
  /// Events of one namespace that may wait for the client's acknowledgement.
  package let awaitedAcknowledgementLimit: Int
  package let json: JSONLimits
  /// Whether a polling session may become a WebSocket.
  package let allowsUpgrades: Bool

  package init(
    pingInterval: Duration = .seconds(25), pingTimeout: Duration = .seconds(20),
    upgradeTimeout: Duration = .seconds(10), connectTimeout: Duration = .seconds(45),
    attachmentTimeout: Duration = .seconds(20), maxPayloadBytes: Int = 1_000_000,
    bufferLimitBytes: Int = 1_048_576, bufferLimitFrames: Int = 4_096,
    namespaces: [String] = ["/"], attachmentLimit: Int = 10,
    awaitedAcknowledgementLimit: Int = 100, json: JSONLimits = JSONLimits(),
    allowsUpgrades: Bool = true
  ) {
    self.pingInterval = pingInterval
    self.pingTimeout = pingTimeout
    self.upgradeTimeout = upgradeTimeout
    self.connectTimeout = connectTimeout
    self.attachmentTimeout = attachmentTimeout
    self.maxPayloadBytes = maxPayloadBytes
    self.bufferLimitBytes = bufferLimitBytes
    self.bufferLimitFrames = bufferLimitFrames
    self.namespaces = namespaces
    self.attachmentLimit = attachmentLimit
    self.awaitedAcknowledgementLimit = awaitedAcknowledgementLimit
    self.json = json
    self.allowsUpgrades = allowsUpgrades
  }
}
