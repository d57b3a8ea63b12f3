// What was said between client and server, as far as it tells how a failure is meant.

import Synchronization

/// Follows one SMTP dialogue by the commands that go out and the replies that come in.
///
/// It keeps the stage and the numbers of the last reply, never a word: commands hold credentials and addresses.
/// Written on the sending thread; `cancel` may be called from any.
final class Dialogue: Sendable {
  private struct State {
    var stage = SMTPStage.connecting
    var reply: SMTPReply?
    var replyBytes = 0
    /// libcurl has said good-bye, whatever came before.
    var isLeaving = false
    var isCancelled = false
    /// How often libcurl may still ask after a cancellation, while the server may be taking the mail over.
    var patience = Dialogue.patience
  }

  /// libcurl asks once a second while it waits for an answer.
  private static let patience = 5

  /// A server that talks without end is not listened to for ever.
  private static let replyLimitBytes = 64 << 10

  private static let beginnings: [(words: String, stage: SMTPStage)] = [
    ("EHLO ", .hello), ("HELO ", .hello), ("STARTTLS\r\n", .startTLS), ("AUTH ", .signIn),
    ("MAIL FROM:", .sender), ("RCPT TO:", .recipient), ("DATA\r\n", .data),
  ]

  private let state = Mutex(State())

  var stage: SMTPStage { state.withLock(\.stage) }
  var reply: SMTPReply? { state.withLock(\.reply) }

  /// From now on it shall break off; soon, where the mail is on its way already.
  func cancel() { state.withLock { $0.isCancelled = true } }

  /// Asked by libcurl, once a second at least. From `data` on the server may take the mail over, and to break off then
  /// is to not know; so a cancelled mail gets some more seconds. The answer to the good-bye is not waited for: libcurl's
  /// own patience with it is two minutes.
  func shallBreakOff() -> Bool {
    state.withLock { state in
      if state.isLeaving { return true }
      guard state.isCancelled else { return false }
      guard state.stage >= .data else { return true }
      state.patience -= 1
      return state.patience <= 0
    }
  }

  var isCancelled: Bool { state.withLock(\.isCancelled) }

  /// A command goes out; only its first words are looked at. With a blank or a colon at their end they cannot be
  /// taken for the base 64 of a password.
  func said(_ command: some Collection<UInt8>) {
    let next = Self.beginnings.first { command.starts(with: $0.words.utf8) }?.stage
    state.withLock { state in
      if command.starts(with: "QUIT".utf8) { state.isLeaving = true }
      guard let next, !state.isLeaving else { return }
      // What the server said to the command before is not its answer to this one.
      (state.stage, state.reply) = (next, nil)
    }
  }

  /// A line of the server; false where it has said too much.
  func heard(_ line: some Collection<UInt8>) -> Bool {
    state.withLock { state in
      state.replyBytes += line.count
      guard state.replyBytes <= Self.replyLimitBytes else { return false }
      guard !state.isLeaving, let reply = ReplyLine.read(line) else { return true }
      state.reply = reply
      // What follows 354 is the mail.
      if state.stage == .data, reply.code == 354 { (state.stage, state.reply) = (.body, nil) }
      return true
    }
  }
}

/// The numbers at the beginning of a reply's line (RFC 5321, 4.2; RFC 3463).
enum ReplyLine {
  static func read(_ line: some Collection<UInt8>) -> SMTPReply? {
    let bytes = Array(line.prefix(64))
    guard bytes.count >= 3, bytes[0..<3].allSatisfy(isDigit), (50...53).contains(bytes[0]) else {
      return nil
    }
    let code = bytes[0..<3].reduce(0) { $0 * 10 + Int($1 - 48) }
    guard bytes.count > 4, bytes[3] == UInt8(ascii: " ") || bytes[3] == UInt8(ascii: "-") else {
      return SMTPReply(code: code)
    }
    let word = bytes[4...].prefix { isDigit($0) || $0 == UInt8(ascii: ".") }
    let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isStatus =
      parts.count == 3 && parts.allSatisfy { (1...3).contains($0.count) }
      && word.first == bytes[0] && parts[0].count == 1
    return SMTPReply(code: code, status: isStatus ? String(decoding: word, as: UTF8.self) : nil)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
