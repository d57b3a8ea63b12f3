// What others get of a picture, and who gets it as it was sent.

import ArchiveCore
import Foundation
import Testing
import Uploads

@testable import ArchiveService

@Suite struct CleanDownloadTests {
  private static let place = Array("GPS 59.9343 N 30.3351 E".utf8)
  private static let start: [UInt8] = [0xFF, 0xD8]
  private static let comment: [UInt8] = [0xFF, 0xFE, 0, UInt8(place.count + 2)] + place
  private static let rest: [UInt8] =
    [0xFF, 0xC0, 0, 11, 8, 0, 4, 0, 6, 1, 1, 0x11, 0] + [0xFF, 0xDA, 0, 2]
    + [UInt8](repeating: 7, count: 5000) + [0xFF, 0xD9]
  private static let photo = start + comment + rest
  private static let clean = start + rest

  @Test("A5 E2 others get a picture without what its camera wrote, its sender gets it as it was")
  func cleanCopies() async throws {
    try await LinkTown.run { town async throws in
      let server = town.server
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let group = try await server.converse(ada, with: [bob])
      let file = try await town.store(Self.photo, "a.jpg", .jpeg, of: ada)
      try await server.post("look", as: ada, in: group)
      try await town.use(file, in: group, seq: 1)
      let own = try await town.get(try await Self.address(of: file, as: ada, at: town))
      #expect(own.body == Self.photo)
      let other = try await Self.address(of: file, as: bob, at: town)
      let link = try await town.link(file, as: ada)
      for path in [other, link.path] {
        let reply = try await town.get(path)
        #expect(reply.status == 200 && reply.body == Self.clean)
        #expect(reply.headers["content-length"] == "\(Self.clean.count)")
        #expect(reply.headers["content-disposition"]?.hasPrefix("inline") == true)
        let tag = try #require(reply.headers["etag"])
        #expect(tag != own.headers["etag"])
        let part = try await town.get(path, ["Range: bytes=1-3", "If-Range: \(tag)"])
        #expect(part.status == 206 && part.body == Array(Self.clean[1...3]))
        #expect(part.headers["content-range"] == "bytes 1-3/\(Self.clean.count)")
        let tail = try await town.get(path, ["Range: bytes=-2"])
        #expect(tail.body == [0xFF, 0xD9])
        let beyond = try await town.get(path, ["Range: bytes=\(Self.clean.count)-"])
        #expect(beyond.status == 416)
      }
    }
  }

  @Test("A5 a use of a link to a clean copy counts when the last byte of the copy was sent")
  func uses() async throws {
    try await LinkTown.run { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(Self.photo, "a.jpg", .jpeg, of: ada)
      let link = try await town.link(file, as: ada, #"{"maxUses":2}"#)
      #expect(try await town.get(link.path).body == Self.clean)
      #expect(try await town.uses(link, of: file, as: ada, reaching: 1) == 1)
    }
  }

  @Test("E1 E2 an upload is examined for what others do not get")
  func examined() async throws {
    var examination = FileExamination(limitBytes: 1 << 20)
    for byte in Self.photo { try examination.feed([byte]) }
    let examined = examination.finish()
    guard case .removable(let copy) = examined.metadata else {
      Issue.record("nothing was found in the picture")
      return
    }
    #expect(copy.sizeBytes == Int64(Self.clean.count))
  }

  private static func address(of file: FileID, as person: Person, at town: LinkTown) async throws
    -> String
  {
    let answer = try await town.server.ask(
      "POST", "/api/files/links", as: person, #"{"files":["\#(file)"]}"#)
    return try #require(answer["items"]?.list.first?["url"]?.text)
  }
}
