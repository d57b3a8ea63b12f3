// A member reads what was said.

import ArchiveCore

/// Pages through a conversation in either direction, across buffer and archive.
struct ReadHistory: Sendable {
  let access: Access
  let log: ConversationLog

  func callAsFunction(_ caller: Caller, in id: ConversationID, at place: LogPlace, limit: Int)
    async throws -> PageView<MessageView>
  {
    let hidden = try await access.member(caller, of: id, for: .readHistory).hiddenSeq
    // What is not for this member is as if it had never been said.
    var place = place
    if case .after(let seq) = place { place = .after(max(seq, hidden)) }
    let page = try await log.messages(in: id, at: place, limit: limit)
    var next = page.next
    if case .before(let seq)? = next, seq <= hidden + 1 { next = nil }
    return PageView(
      items: page.messages.filter { $0.entry.seq > hidden }.map(MessageView.init),
      next: next.flatMap(HistoryCursor.text))
  }
}

/// A place in a conversation as an opaque text.
enum HistoryCursor {
  static func text(_ place: LogPlace) -> String? {
    switch place {
    case .end: nil
    case .before(let seq): CursorText.text("before \(seq)")
    case .after(let seq): CursorText.text("after \(seq)")
    }
  }

  static func place(_ text: String) throws -> LogPlace {
    let parts = CursorText.content(of: text)?.split(separator: " ") ?? []
    if parts.count == 2, let seq = Digits.number(parts[1]) {
      if parts[0] == "before" { return .before(seq) }
      if parts[0] == "after" { return .after(seq) }
    }
    throw ServiceError.invalidCursor
  }
}

/// Whole numbers written in digits alone: no sign, no exponent, nothing around them.
enum Digits {
  static func number(_ text: some StringProtocol) -> Int64? {
    guard (1...19).contains(text.utf8.count),
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int64(text)
  }
}
