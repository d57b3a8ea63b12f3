// Short ways to write what travels.

@testable import RealtimeProtocol

/// The text's UTF-8.
func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }

func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

/// So many milliseconds after the test's beginning.
func at(_ milliseconds: Int64) -> Moment { Moment(milliseconds: milliseconds) }

extension EngineFrame: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = .text(utf8(text)) }
}

extension EngineAction {
  /// An answer to a poll, as text.
  static func answer(_ body: String) -> EngineAction { .answerPoll(utf8(body)) }
}

extension RealtimeSettings {
  /// As the official test suites configure a server.
  static let suite = RealtimeSettings(
    pingInterval: .milliseconds(300), pingTimeout: .milliseconds(200),
    upgradeTimeout: .milliseconds(1_000), connectTimeout: .milliseconds(1_000),
    namespaces: ["/", "/custom"])
}
