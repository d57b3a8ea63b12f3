// Answers of the protocol as values.

/// A status and header fields, without a body. `Tus-Resumable` is in each of them.
package struct TusAnswer: Sendable, Equatable {
  package let status: Int
  /// In the order in which they are sent.
  package let fields: [(name: String, value: String)]
  /// Why a request was refused, for a problem document; holds nothing that the client sent.
  package let reason: String?
  /// Whether the connection must be closed: bytes still come that nobody will read.
  package var closesConnection = false

  init(_ status: Int, _ fields: [(name: String, value: String)] = [], reason: String? = nil) {
    self.status = status
    self.fields = [("Tus-Resumable", TusProtocol.version)] + fields
    self.reason = reason
  }

  package func value(of name: String) -> String? {
    fields.first { ASCII.areAlike($0.name, name) }?.value
  }

  package static func == (left: TusAnswer, right: TusAnswer) -> Bool {
    left.status == right.status && left.reason == right.reason
      && left.closesConnection == right.closesConnection
      && left.fields.map(\.name) == right.fields.map(\.name)
      && left.fields.map(\.value) == right.fields.map(\.value)
  }
}
