// The part of an address behind the question mark, read strictly.

import ArchiveCore
import Hummingbird

/// Reads parameters; each at most once, numbers in digits alone.
struct QueryParameters {
  private let values: [String: [String]]

  init(_ request: Request) {
    var values: [String: [String]] = [:]
    for (name, value) in request.uri.queryParameters {
      values[String(name), default: []].append(String(value))
    }
    self.values = values
  }

  func text(_ name: String) throws -> String? {
    let all = values[name] ?? []
    guard all.count <= 1 else { throw ServiceError.field(name, "is given twice") }
    return all.first
  }

  func number(_ name: String) throws -> Int64? {
    guard let text = try text(name) else { return nil }
    guard let number = Digits.number(text) else {
      throw ServiceError.field(name, "is not a whole number")
    }
    return number
  }

  func time(_ name: String) throws -> Timestamp? {
    guard let text = try text(name) else { return nil }
    guard let time = Timestamp(text) else {
      throw ServiceError.field(name, "is not a time such as 2026-11-21T10:52:00.123Z")
    }
    return time
  }

  func limit(default standard: Int, atMost most: Int) throws -> Int {
    guard let number = try number("limit") else { return min(standard, most) }
    guard number >= 1, number <= Int64(most) else {
      throw ServiceError.field("limit", "is not 1 to \(most)")
    }
    return Int(number)
  }
}
