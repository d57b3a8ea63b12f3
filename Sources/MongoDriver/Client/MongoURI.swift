// A connection string. It never shows itself.

/// A connection string as MongoDB documents it (`mongodb://user:password@host1,host2/?replicaSet=rs0`), with TLS,
/// certificates and SCRAM in its options.
///
/// However it is printed (interpolation, `String(reflecting:)`, `dump`, an error that carries it), only stars come
/// out; the text is readable inside this package alone.
public struct MongoURI: Sendable {
  package let text: String

  public init(_ text: String) { self.text = text }
}

extension MongoURI: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "MongoURI(***)" }
  public var debugDescription: String { description }

  /// What `dump` and every other user of reflection sees instead of the text.
  public var customMirror: Mirror { Mirror(self, children: ["text": "***"]) }
}
