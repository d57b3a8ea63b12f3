// What the protocol's requests are answered with.

import Testing

@testable import Uploads

private let piece = ("Content-Type", "application/offset+octet-stream")
private let now = HTTPDate(secondsSinceEpoch: 1_800_000_000)

@Suite struct TusProtocolTests {
  private let tus = TusProtocol(limitBytes: 1000)

  /// The answer that the decision is, or `nil` where it is to go on.
  private func answer<Step>(_ decision: TusDecision<Step>) -> TusAnswer? {
    if case .answer(let answer) = decision { answer } else { nil }
  }

  private func step<Step>(_ decision: TusDecision<Step>) -> Step? {
    if case .go(let step) = decision { step } else { nil }
  }

  @Test("OPTIONS says what the server can do")
  func answersOptions() {
    let answer = tus.options
    #expect(answer.status == 204)
    #expect(
      answer.value(of: "Tus-Resumable") == "1.0.0" && answer.value(of: "tus-version") == "1.0.0")
    #expect(answer.value(of: "Tus-Max-Size") == "1000")
    #expect(answer.value(of: "Tus-Checksum-Algorithm") == "sha256,sha1,md5")
    let extensions = answer.value(of: "Tus-Extension")?.split(separator: ",").map(String.init)
    #expect(
      extensions == [
        "creation", "creation-with-upload", "creation-defer-length", "termination", "expiration",
        "checksum",
      ])
  }

  @Test(
    "another version of the protocol is refused by each method",
    arguments: [nil, "", "0.2.2", "1.0.1", "1.0.0, 2"] as [String?])
  func refusesVersions(_ version: String?) {
    let fields = tusFields(
      [piece, ("Upload-Length", "5"), ("Upload-Offset", "0")], version: version)
    let upload = TusUpload(length: 5)
    let answers = [
      answer(tus.create(fields)), answer(tus.patch(fields, upload, now: now)),
      tus.head(fields, upload, now: now), answer(tus.delete(fields, upload, now: now)),
    ]
    for answer in answers {
      #expect(answer?.status == 412 && answer?.value(of: "Tus-Version") == "1.0.0")
    }
  }

  @Test(
    "a creation says a length or that it comes later",
    arguments: [
      ([("Upload-Length", "5")], 0), ([("Upload-Length", "0")], 0),
      ([("Upload-Length", "1000")], 0),
      ([("Upload-Defer-Length", "1")], 0),
      ([("Upload-Length", "5"), ("Upload-Metadata", "a YQ==")], 0),
      ([("Upload-Length", "1001")], 413), ([("Upload-Length", "99999999999999999999")], 413),
      ([], 400),
      ([("Upload-Length", "x")], 400),
      ([("Upload-Length", "5"), ("Upload-Defer-Length", "1")], 400),
      ([("Upload-Defer-Length", "0")], 400), ([("Upload-Length", "-5")], 400),
      ([("Upload-Length", "5"), ("Upload-Metadata", "a ä")], 400),
      ([("Upload-Concat", "partial"), ("Upload-Length", "5")], 400),
      ([("Upload-Length", "5"), ("Upload-Checksum", "crc32 AAAAAA==")], 400),
      ([("Upload-Length", "5"), piece, ("Content-Length", "6")], 413),
      ([("Upload-Length", "5"), piece, ("Content-Length", "5")], 0),
      ([("Upload-Defer-Length", "1"), piece, ("Content-Length", "1001")], 413),
      ([("Upload-Length", "5"), ("Content-Type", "text/plain"), ("Content-Length", "6")], 0),
    ] as [([(String, String)], Int)])
  func judgesCreations(_ fields: [(String, String)], _ status: Int) {
    let decision = tus.create(tusFields(fields))
    #expect((answer(decision)?.status ?? 0) == status)
    if status == 0 { #expect(step(decision)?.hasPiece == fields.contains { $0 == piece }) }
  }

  @Test("the answer to a creation says where it is, how far it came and how long it stays")
  func answersCreation() {
    let upload = TusUpload(length: 5, offset: 2, expires: now)
    let answer = tus.created(upload, location: "/api/uploads/1")
    #expect(answer.status == 201)
    #expect(
      answer.fields.map(\.name) == ["Tus-Resumable", "Location", "Upload-Offset", "Upload-Expires"])
    #expect(
      answer.fields.map(\.value) == [
        "1.0.0", "/api/uploads/1", "2", "Fri, 15 Jan 2027 08:00:00 GMT",
      ])
    let complete = tus.created(TusUpload(length: 0, expires: now), location: "/x")
    #expect(complete.value(of: "Upload-Expires") == nil)
  }

  @Test(
    "a piece is taken only where the upload stands",
    arguments: [
      ([piece, ("Upload-Offset", "2")], 0),
      ([piece, ("Upload-Offset", "2"), ("Content-Length", "3")], 0),
      ([piece, ("Upload-Offset", "2"), ("Content-Length", "0")], 0),
      ([piece, ("Upload-Offset", "2"), ("Upload-Length", "5")], 0),
      ([("Upload-Offset", "2")], 415),
      ([("Content-Type", "text/plain"), ("Upload-Offset", "2")], 415),
      ([piece], 400), ([piece, ("Upload-Offset", "x")], 400),
      ([piece, ("Upload-Offset", "0")], 409), ([piece, ("Upload-Offset", "3")], 409),
      ([piece, ("Upload-Offset", "99999999999999999999")], 409),
      ([piece, ("Upload-Offset", "2"), ("Content-Length", "4")], 413),
      ([piece, ("Upload-Offset", "2"), ("Content-Length", "99999999999999999999")], 413),
      ([piece, ("Upload-Offset", "2"), ("Upload-Length", "6")], 400),
      ([piece, ("Upload-Offset", "2"), ("Upload-Checksum", "sha1 x")], 400),
    ] as [([(String, String)], Int)])
  func judgesPieces(_ fields: [(String, String)], _ status: Int) {
    let decision = tus.patch(tusFields(fields), TusUpload(length: 5, offset: 2), now: now)
    #expect((answer(decision)?.status ?? 0) == status)
    if status == 0 { #expect(step(decision) == TusPiece(offset: 2, length: 5, checksum: nil)) }
  }

  @Test(
    "a length that comes later is taken once, and not below what is there",
    arguments: [
      ("5", 0, 5), ("2", 0, 2), ("1", 400, 0), ("1001", 413, 0), ("x", 400, 0),
    ] as [(String, Int, Int64)])
  func takesLateLengths(_ length: String, _ status: Int, _ taken: Int64) {
    let fields = tusFields([piece, ("Upload-Offset", "2"), ("Upload-Length", length)])
    let decision = tus.patch(fields, TusUpload(length: nil, offset: 2), now: now)
    #expect((answer(decision)?.status ?? 0) == status)
    if status == 0 { #expect(step(decision)?.length == taken) }
  }

  @Test("HEAD says the offset, the length or that it comes, and the metadata as it came")
  func answersHead() {
    let fields = tusFields([])
    let known = tus.head(
      fields,
      TusUpload(
        length: 5, offset: 2, metadata: "a  YQ==",
        expires: HTTPDate(secondsSinceEpoch: 1_800_000_001)), now: now)
    #expect(known.status == 200 && known.value(of: "Cache-Control") == "no-store")
    #expect(known.value(of: "Upload-Offset") == "2" && known.value(of: "Upload-Length") == "5")
    #expect(
      known.value(of: "Upload-Metadata") == "a  YQ==" && known.value(of: "Upload-Expires") != nil)
    let open = tus.head(fields, TusUpload(length: nil), now: now)
    #expect(open.value(of: "Upload-Defer-Length") == "1" && open.value(of: "Upload-Length") == nil)
  }

  @Test("an upload that was ended or has expired is gone, for each method, without an offset")
  func answersGone() {
    let ended = TusUpload(length: 5, offset: 2, isTerminated: true)
    let expired = TusUpload(length: 5, offset: 2, expires: now)
    for upload in [ended, expired] {
      let fields = tusFields([piece, ("Upload-Offset", "2")])
      for answer in [
        tus.head(fields, upload, now: now), answer(tus.patch(fields, upload, now: now)),
        answer(tus.delete(fields, upload, now: now)),
      ] {
        #expect(answer?.status == 410 && answer?.value(of: "Upload-Offset") == nil)
      }
    }
    let complete = TusUpload(length: 2, offset: 2, expires: now)
    #expect(tus.head(tusFields([]), complete, now: now).status == 200)
    #expect(step(tus.delete(tusFields([]), complete, now: now))?.status == 204)
    #expect(
      TusProtocol.unknown.status == 404 && TusProtocol.unknown.value(of: "Tus-Resumable") == "1.0.0"
    )
  }
}

@Suite struct TusReceptionTests {
  private let tus = TusProtocol(limitBytes: 1000)

  private func receive(
    _ chunks: [String], length: Int64? = 12, checksum: String? = nil, isCut: Bool = false
  ) -> (TusReception.Outcome, [UInt8]) {
    let piece = TusPiece(offset: 1, length: length, checksum: checksum.flatMap { TusChecksum($0) })
    var reception = tus.reception(of: piece)
    var taken: [UInt8] = []
    for chunk in chunks { taken += reception.feed(Array(chunk.utf8)[...]) }
    return (reception.finish(isCut: isCut), taken)
  }

  @Test("a piece without a checksum counts as far as it came")
  func keepsWhatCame() {
    #expect(receive(["hello", " world"]) == (.keep(offset: 12), Array("hello world".utf8)))
    #expect(receive(["hel"], isCut: true) == (.keep(offset: 4), Array("hel".utf8)))
    #expect(receive([]) == (.keep(offset: 1), []))
  }

  @Test(
    "a piece with a checksum counts whole or not at all",
    arguments: [
      "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "md5 XrY7u+Ae7tCTyyK7j1rNww==",
      "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
    ])
  func checksPieces(_ checksum: String) {
    #expect(receive(["hello ", "world"], checksum: checksum).0 == .keep(offset: 12))
    for outcome in [
      receive(["hello_world"], checksum: checksum).0, receive(["hello worl"], checksum: checksum).0,
    ] {
      guard case .discard(let answer) = outcome else {
        Issue.record("a piece with a wrong checksum was kept")
        continue
      }
      #expect(answer.status == 460 && answer.value(of: "Upload-Offset") == nil)
    }
    let cut = receive(["hello "], checksum: checksum, isCut: true).0
    #expect(cut != .keep(offset: 7))
  }

  @Test("U13 a body without a length goes no further than the upload, or the limit")
  func refusesExcess() {
    let cases: [(Int64?, Int)] = [(12, 11), (nil, 999)]
    for (length, room) in cases {
      let fits = String(repeating: "x", count: room)
      #expect(receive([fits], length: length).0 == .keep(offset: Int64(room) + 1))
      let (outcome, taken) = receive([fits, "x", "xx"], length: length)
      #expect(taken.count == room)
      guard case .discard(let answer) = outcome else {
        Issue.record("too long a piece was kept")
        continue
      }
      #expect(answer.status == 413 && answer.closesConnection)
    }
  }
}
