// Uploads as clients send them.

import ArchiveCore
import Foundation
import Testing

@testable import ArchiveService

/// Bytes of known files, made here.
enum SampleFile {
  /// A picture of that size, as far as its header says.
  static func png(_ width: UInt32, _ height: UInt32, padding: Int = 0) -> [UInt8] {
    func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + number(13) + Array("IHDR".utf8)
      + number(width) + number(height) + [8, 2, 0, 0, 0] + number(0)
      + [UInt8](repeating: 7, count: padding)
  }

  /// Bytes that are alike nowhere.
  static func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 88_172_645_463_325_252
    return (0..<count).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return UInt8(truncatingIfNeeded: state)
    }
  }
}

/// A form as browsers write it.
struct TestForm {
  var body: [UInt8] = []
  static let boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
  static let contentType = "Content-Type: multipart/form-data; boundary=\(boundary)"

  mutating func add(_ name: String, file: String? = nil, _ content: [UInt8]) {
    let filename = file.map { "; filename=\"\($0)\"\r\nContent-Type: text/html" } ?? ""
    body += Array(
      "--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\(filename)\r\n\r\n"
        .utf8)
    body += content + Array("\r\n".utf8)
  }

  var ended: [UInt8] { body + Array("--\(Self.boundary)--\r\n".utf8) }

  static func file(_ name: String, _ content: [UInt8]) -> [UInt8] {
    var form = TestForm()
    form.add("file", file: name, content)
    return form.ended
  }
}

extension TestServer {
  /// Sends a request with any body, in pieces where it is long.
  func send(
    _ method: String, _ path: String, as person: Person?, headers: [String], body: [UInt8],
    isChunked: Bool = false
  ) async throws -> Reply {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
    if let person { lines.append("Authorization: Bearer \(person.token)") }
    lines.append(isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(body.count)")
    var bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    if isChunked {
      for start in stride(from: 0, to: body.count, by: 10_000) {
        let chunk = body[start..<min(start + 10_000, body.count)]
        bytes += Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + [13, 10]
      }
      bytes += Array("0\r\n\r\n".utf8)
    } else {
      bytes += body
    }
    return try #require(Reply(try await exchange([bytes])), "no answer to \(method) \(path)")
  }

  func upload(_ name: String, _ content: [UInt8], as person: Person, isChunked: Bool = false)
    async throws -> Reply
  {
    try await send(
      "POST", "/api/files", as: person, headers: [TestForm.contentType],
      body: TestForm.file(name, content), isChunked: isChunked)
  }

  /// The id of a new file.
  func uploaded(_ name: String, _ content: [UInt8], as person: Person) async throws -> String {
    let reply = try await upload(name, content, as: person)
    try #require(reply.status == 201, "\(String(decoding: reply.body, as: UTF8.self))")
    return try #require(try reply.json["id"]?.text)
  }

  func status(ofFile id: String, as person: Person) async throws -> Int {
    try await send("GET", "/api/files/\(id)", token: person.token).status
  }
}

extension ObjectStore {
  /// All keys below a prefix.
  func keys(_ prefix: String) async throws -> [String] {
    try await list(prefix: prefix, after: nil, limit: 1000).map(\.key.description)
  }
}
