// Forms of clients that others wrote, to the built program.

import Foundation
import Testing

@Suite("Clients that upload in forms", .timeLimit(.minutes(5)))
struct ForeignFormTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private struct FormOrder: Encodable {
    struct File: Encodable {
      let name: String
      let text: String
    }

    let url: String
    let token: String
    let files: [File]
  }

  private struct FormAnswer: Decodable {
    struct File: Decodable {
      let name: String
      let contentType: String
      let size: Int
    }

    let status: Int
    let body: File
  }

  @Test(
    "E1 requests and aiohttp upload in forms, with and without a length",
    .enabled(if: Uploaders.areThere, Uploaders.wanted))
  func forms() async throws {
    let server = try await RunningServer(scratch)
    var talk = HTTPTalk(url: server.url)
    _ = try await talk.signUp("ada")
    let names = ["plain.txt", "Grüße \"heute\".txt", "日本語.txt", "semi;colon.txt"]
    let order = FormOrder(
      url: server.url, token: try #require(talk.token),
      files: names.map {
        FormOrder.File(name: $0, text: String(repeating: "line \($0)\n", count: 5000))
      })
    let answers = try await Uploaders.program("form_uploads").run(
      order, in: scratch, answer: [FormAnswer].self)
    #expect(answers.map(\.status) == Array(repeating: 201, count: 8))
    for (file, pair) in zip(order.files, stride(from: 0, to: 8, by: 2)) {
      for answer in answers[pair..<pair + 2] {
        #expect(answer.body.name == file.name)
        #expect(answer.body.contentType == "text/plain; charset=utf-8")
        #expect(answer.body.size == file.text.utf8.count)
      }
    }
    #expect(await server.stop() == 0)
  }

  @Test(
    "E1 A4 curl uploads a file and says it in a message",
    .enabled(if: Uploaders.hasCurl, Uploaders.curlWanted))
  func curlForm() async throws {
    let server = try await RunningServer(scratch)
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    let path = try scratch.file("letter.html", "<!doctype html><p>dear</p>")
    let result = try await Uploaders.curl(
      "-F", "comment=x", "-F", "file=@\(path);filename=a/b.html", "-H",
      "Authorization: Bearer \(talk.token ?? "")", server.url + "/api/files", in: scratch)
    let file = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    #expect(file?["name"] as? String == "b.html", "\(result)")
    #expect(file?["contentType"] as? String == "text/html; charset=utf-8")
    let id = try #require(file?["id"] as? String)
    let (status, _) = try await talk.ask(
      "POST", "/api/conversations/\(conversation)/messages", #"{"files":["\#(id)"]}"#)
    #expect(status == 201)
    #expect(await server.stop() == 0)
  }

  @Test(
    "E1 forms as browsers send them: a field beside the file, a name as it is written",
    arguments: [
      // Firefox before 2021 wrote a backslash before a quote; all of today's write %22.
      ("----WebKitFormBoundary7MA4YWxkTrZu0gW", #"Grüße %22heute%22.txt"#),
      ("----geckoformboundary3f1c9dd0b7be21ab1a7e2a3b", #"Grüße %22heute%22.txt"#),
      ("---------------------------9051914041544843365972754266", #"Grüße \"heute\".txt"#),
    ])
  func browserForm(boundary: String, written: String) async throws {
    let server = try await RunningServer(scratch)
    var talk = HTTPTalk(url: server.url)
    _ = try await talk.signUp("ada")
    let text = "schöne Grüße\n"
    let body = [
      "--\(boundary)", #"Content-Disposition: form-data; name="comment""#, "", "ein Feld ☃",
      "--\(boundary)", #"Content-Disposition: form-data; name="file"; filename="\#(written)""#,
      "Content-Type: image/png", "", text, "--\(boundary)--", "",
    ].joined(separator: "\r\n")
    let (status, json) = try await talk.ask(
      "POST", "/api/files", body, type: "multipart/form-data; boundary=\(boundary)")
    #expect(status == 201)
    #expect(json["name"] as? String == #"Grüße "heute".txt"#)
    #expect(json["contentType"] as? String == "text/plain; charset=utf-8")
    #expect((json["size"] as? NSNumber)?.intValue == text.utf8.count)
    #expect(await server.stop() == 0)
  }
}
