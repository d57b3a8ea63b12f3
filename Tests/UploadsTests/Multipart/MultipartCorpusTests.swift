// The examples that python-multipart tests itself with.

import Foundation
import Testing

@testable import Uploads

/// One body with what is expected of it, from `multipart-http/cases` beside the repository or in `ARCHIVE_CORPORA`.
struct MultipartCase: Sendable, CustomTestStringConvertible {
  struct Expected: Sendable {
    var name: String?
    var filename: String?
    var contentType: String?
    var content: [UInt8] = []
  }

  static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["ARCHIVE_CORPORA"] {
      return URL(filePath: path, directoryHint: .isDirectory).appending(
        path: "multipart-http/cases")
    }
    var repository = URL(filePath: #filePath)
    for _ in 1...4 { repository.deleteLastPathComponent() }
    return repository.appending(path: "../shared/corpora/multipart-http/cases").standardizedFileURL
  }()

  let name: String
  let body: [UInt8]
  private(set) var boundary = ""
  private(set) var isError = false
  private(set) var parts: [Expected] = []

  var testDescription: String { name }

  static let all: [MultipartCase] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".http") }.sorted().compactMap {
      try? MultipartCase(name: String($0.dropLast(5)))
    }
  }()

  /// One description names another boundary than its body has.
  private static let misprints = ["single_field_blocks": "boundary"]

  /// The few forms of YAML that these files use.
  private init(name: String) throws {
    self.name = name
    body = Array(try Data(contentsOf: Self.folder.appending(path: "\(name).http")))
    let text = try String(contentsOf: Self.folder.appending(path: "\(name).yaml"), encoding: .utf8)
    for line in text.split(separator: "\n") {
      let pair = line.split(separator: ":", maxSplits: 1).map {
        $0.trimmingCharacters(in: CharacterSet(charactersIn: " -'\""))
      }
      let value = pair.count == 2 ? pair[1] : ""
      switch pair.first {
      case "boundary": boundary = Self.misprints[name] ?? String(line.dropFirst("boundary: ".count))
      case "error": isError = true
      case "name": parts.append(Expected(name: value))
      case "file_name": parts[parts.count - 1].filename = value
      case "content_type": parts[parts.count - 1].contentType = value
      default:
        if pair.count == 1,
          let data = Data(base64Encoded: line.trimmingCharacters(in: .whitespaces))
        {
          parts[parts.count - 1].content = Array(data)
        }
      }
    }
  }
}

@Suite(
  .enabled(
    if: !MultipartCase.all.isEmpty,
    "needs the folder \(MultipartCase.folder.path), or ARCHIVE_CORPORA"))
struct MultipartCorpusTests {
  @Test("the corpus is the one that is known") func isWhole() {
    #expect(MultipartCase.all.count == 30)
    #expect(MultipartCase.all.count { $0.isError } == 8)
  }

  @Test("U03 a body of others' tests is read as they expect", arguments: MultipartCase.all)
  func isReadAsExpected(_ example: MultipartCase) throws {
    guard !example.isError else {
      #expect(
        ParsedForm.failure(example.body, boundary: example.boundary)?.kind == .malformed)
      return
    }
    let form = try ParsedForm(example.body, boundary: example.boundary)
    #expect(form.parts.map(\.header.name) == example.parts.map(\.name))
    #expect(form.parts.map(\.header.filename) == example.parts.map(\.filename))
    #expect(form.parts.map(\.content) == example.parts.map(\.content))
    for (part, expected) in zip(form.parts, example.parts) where expected.filename != nil {
      #expect(part.header.contentType == expected.contentType)
    }
  }

  @Test("the cut between two chunks does not matter, wherever it is", arguments: MultipartCase.all)
  func isTheSameInPieces(_ example: MultipartCase) throws {
    let bytes = Array(example.body.indices)
    guard !example.isError else {
      for cuts in [bytes] + bytes.map({ [$0] }) {
        let failure = ParsedForm.failure(example.body, boundary: example.boundary, cuts: cuts)
        #expect(failure?.kind == .malformed)
      }
      return
    }
    let whole = try ParsedForm(example.body, boundary: example.boundary)
    for cuts in [bytes] + bytes.map({ [$0] }) {
      let form = try ParsedForm(example.body, boundary: example.boundary, cuts: cuts)
      #expect(form == whole)
    }
  }
}
