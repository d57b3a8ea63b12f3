// Where the signing examples of others lie, and how they are read.

import Foundation
import S3Client
import Testing

/// Folders of examples beside the repository; `ARCHIVE_CORPORA` names another place.
enum Corpora {
  static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["ARCHIVE_CORPORA"] {
      return URL(filePath: path, directoryHint: .isDirectory)
    }
    var repository = URL(filePath: #filePath)
    for _ in 1...3 { repository.deleteLastPathComponent() }
    return repository.appending(path: "../shared/corpora").standardizedFileURL
  }()

  static let documentation = folder.appending(
    path: "sigv4-s3-doc-examples/s3_doc_examples.json")
  static let suite = folder.appending(path: "sigv4-aws-c-auth/tests/aws-signing-test-suite/v4")

  /// The files write their names with underscores.
  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  static func exists(_ place: URL) -> Bool { FileManager.default.fileExists(atPath: place.path) }
}

/// The examples of the S3 documentation.
struct DocumentationExamples: Decodable {
  struct Example: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let method: String
    let path: String
    let query: String
    let headers: [String: String]
    let body: String?
    let payloadHash: String
    let canonicalRequest: String
    let stringToSign: String
    let signedHeaders: String
    let signature: String

    var testDescription: String { name }
    /// Already signed in its query.
    var isPresigned: Bool { query.contains("X-Amz-Algorithm") }
  }

  let accessKeyId: String
  let secretAccessKey: String
  let timestamp: String
  let region: String
  let service: String
  let examples: [Example]

  /// `nil` where the folder is absent; a file that cannot be read fails the tests that need it.
  static let all: DocumentationExamples? = {
    guard Corpora.exists(Corpora.documentation) else { return nil }
    let data = try? Data(contentsOf: Corpora.documentation)
    return data.flatMap { try? Corpora.decoder.decode(DocumentationExamples.self, from: $0) }
  }()

  var credentials: S3Credentials {
    S3Credentials(accessKey: accessKeyId, secretKey: secretAccessKey)
  }
}

/// One case of AWS's signing test suite, a folder of files.
struct SuiteCase: Sendable, CustomTestStringConvertible {
  struct Context: Decodable {
    struct Credentials: Decodable {
      let accessKeyId: String
      let secretAccessKey: String
      let token: String?
    }
    let credentials: Credentials
    let expirationInSeconds: Int
    let normalize: Bool
    let region: String
    let service: String
    let signBody: Bool
    let timestamp: String
    let omitSessionToken: Bool?
  }

  let name: String
  let context: Context
  let method: String
  /// As it stands in the request line, not encoded.
  let path: String
  let query: [(name: String, value: String)]
  let headers: [(name: String, value: String)]
  let body: [UInt8]
  private let folder: URL

  var testDescription: String { name }

  /// `query-signature` for one.
  func expected(_ file: String) throws -> String {
    let text = try String(contentsOf: folder.appending(path: "\(file).txt"), encoding: .utf8)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// All folders of the suite, in order of their names.
  static let all: [SuiteCase] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: Corpora.suite.path)) ?? []
    return names.sorted().compactMap { try? SuiteCase(folder: Corpora.suite.appending(path: $0)) }
  }()

  /// Why S3 signs such a request otherwise; `nil` for a case that applies.
  var reasonToLeaveOut: String? {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    let isNormal =
      !segments.dropLast().contains("") && !segments.contains { $0 == "." || $0 == ".." }
    if context.normalize, !isNormal { return "S3 does not normalise paths: they are keys" }
    if context.omitSessionToken == true { return "S3 wants the session token signed" }
    return nil
  }

  private init(folder: URL) throws {
    self.folder = folder
    name = folder.lastPathComponent
    let data = try Data(contentsOf: folder.appending(path: "context.json"))
    context = try Corpora.decoder.decode(Context.self, from: data)
    let text = try String(contentsOf: folder.appending(path: "request.txt"), encoding: .utf8)
    let head = text.range(of: "\n\n").map { text[..<$0.lowerBound] } ?? text[...]
    body = text.range(of: "\n\n").map { Array(text[$0.upperBound...].utf8) } ?? []
    var lines = head.split(separator: "\n", omittingEmptySubsequences: true)
    let words = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
    method = String(words.first ?? "")
    let target = words.dropFirst().dropLast().joined(separator: " ")
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts.first ?? "")
    query = parts.count == 2 ? Self.readQuery(String(parts[1])) : []
    headers = Self.readHeaders(lines)
  }

  /// Raw names and values of a query.
  static func readQuery(_ text: String) -> [(name: String, value: String)] {
    text.split(separator: "&").map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let decoded = parts.map { PercentEncoding.decode(String($0)) ?? "undecodable" }
      return (decoded[0], decoded.count == 2 ? decoded[1] : "")
    }
  }

  /// A line that begins with a blank goes on with the value of the line above.
  private static func readHeaders(_ lines: [Substring]) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = []
    for line in lines {
      if line.first == " ", let last = headers.popLast() {
        headers.append((last.name, "\(last.value)\n\(line)"))
      } else {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        headers.append((String(parts[0]), parts.count == 2 ? String(parts[1]) : ""))
      }
    }
    return headers
  }
}
