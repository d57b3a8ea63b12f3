// What the command line asks for.

import Glibc
import LoadClient

/// One act and its numbers.
struct Order: Sendable {
  enum Act: String { case hold, room, pairs, storm }

  /// A token and a conversation of whoever has it.
  struct Seat: Sendable {
    let token: String
    let conversation: String
  }

  let act: Act
  let port: Int
  let seats: [Seat]
  private let numbers: [String: Int]

  init(_ arguments: [String]) throws(WireFault) {
    guard arguments.count >= 4, let act = Act(rawValue: arguments[1]), let port = Int(arguments[2])
    else { throw WireFault("usage: hold|room|pairs|storm PORT SEATS [NAME=NUMBER…]") }
    (self.act, self.port) = (act, port)
    seats = try Self.seats(arguments[3])
    var numbers: [String: Int] = [:]
    for argument in arguments.dropFirst(4) {
      let parts = argument.split(separator: "=")
      guard parts.count == 2, let number = Int(parts[1]) else {
        throw WireFault("not NAME=NUMBER: \(argument)")
      }
      numbers[String(parts[0])] = number
    }
    self.numbers = numbers
  }

  /// A number by its name, which the caller must have given.
  func callAsFunction(_ name: String) -> Int {
    guard let number = numbers[name] else { preconditionFailure("\(name) was not given") }
    return number
  }

  private static func seats(_ path: String) throws(WireFault) -> [Seat] {
    guard let file = fopen(path, "r") else { throw WireFault("cannot open \(path)") }
    defer { fclose(file) }
    var seats: [Seat] = []
    var buffer = [CChar](repeating: 0, count: 8192)
    while fgets(&buffer, Int32(buffer.count), file) != nil {
      let line = String(
        decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let words = line.split { $0 == " " || $0.isNewline }
      guard words.count == 2 else { throw WireFault("not a token and a conversation: \(line)") }
      seats.append(Seat(token: String(words[0]), conversation: String(words[1])))
    }
    guard !seats.isEmpty else { throw WireFault("nobody is named in \(path)") }
    return seats
  }
}
