// What remains of writes that did not end, and who may take it away.

import ArchiveCore
import Foundation
import Testing

@testable import EmbeddedStore

@Suite("leftovers in the directory")
struct DirectoryLeftoversTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  @Test("files of dead writers are swept at start, those of living ones stay")
  func sweep() throws {
    let tree = try DirectoryTree(path: scratch.path("objects"))
    // A dead writer is one whose lock is gone; no process has this file open.
    try scratch.write("half", to: "objects/@temp/1-1")
    let living = try AtomicFile(in: tree.temporary)
    try living.append([1, 2, 3])
    #expect(try scratch.names(in: "objects/@temp").count == 2)

    let restarted = try DirectoryTree(path: scratch.path("objects"))
    #expect(try scratch.names(in: "objects/@temp").count == 1)
    let (folder, name) = try restarted.makePlace(of: ObjectKey(trusted: "a/b"))
    try living.publish(as: name, in: folder, mode: .create)
    #expect(FileManager.default.contents(atPath: scratch.path("objects/a/b")) == Data([1, 2, 3]))
    #expect(try scratch.names(in: "objects/@temp") == [])
  }

  @Test("a name of ours that another container uses is passed over")
  func takenNames() throws {
    let tree = try DirectoryTree(path: scratch.path("objects"))
    for number in 1...3 { try scratch.write("x", to: "objects/@temp/\(getpid())-\(number)") }
    let file = try AtomicFile(in: tree.temporary)
    try file.append([9])
    try file.publish(as: "nine", in: tree.root, mode: .replace)
    #expect(FileManager.default.contents(atPath: scratch.path("objects/nine")) == Data([9]))
  }

  @Test("a sweep and many writers at once take nothing from each other")
  func sweepingDuringWrites() async throws {
    let store = try await DirectoryObjectStore(root: scratch.path("objects"), threadCount: 4)
    let tree = store.tree
    await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          for number in 0..<100 {
            let key = ObjectKey(trusted: "w/\(writer)/\(number)")
            try await store.put(key, .bytes([1, 2]), mode: .create, type: "x")
          }
        }
      }
      group.addTask { for _ in 0..<300 { try tree.temporary.sweep() } }
      do { try await group.waitForAll() } catch { Issue.record(error) }
    }
    #expect(try await store.list(prefix: "w/", after: nil, limit: 1000).count == 400)
    #expect(try scratch.names(in: "objects/@temp") == [])
    await store.close()
  }

  @Test("a put that failed leaves nothing aside")
  func failedPuts() async throws {
    let store = try await DirectoryObjectStore(root: scratch.path("objects"))
    let key = ObjectKey(trusted: "taken")
    try await store.put(key, .bytes([1]), mode: .create, type: "x")
    for name in ["taken", "taken/below"] {
      let answer = await kind { () async throws(StoreError) in
        try await store.put(
          ObjectKey(trusted: name), .bytes([2]), mode: .create, type: "x")
      }
      #expect(answer == (name == "taken" ? .conflict : .refused))
    }
    #expect(try scratch.names(in: "objects/@temp") == [])
    await store.close()
  }

  @Test(
    "what the system answers becomes what the caller should do",
    arguments: [
      (ENOSPC, StoreError.Kind.unavailable), (EDQUOT, .unavailable), (EIO, .unavailable),
      (EMFILE, .unavailable), (EACCES, .refused), (EROFS, .refused), (ENOENT, .notFound),
      (EEXIST, .conflict), (ENOTDIR, .refused), (EISDIR, .refused),
    ])
  func meanings(code: Int32, kind: StoreError.Kind) {
    let error = StoreError(SystemFailure("write", code: code), "put", ObjectKey("a/b"))
    #expect(error.kind == kind)
    #expect(error.message.contains("key=`a/b`"))
    #expect(error.cause is SystemFailure)
    let isHintWanted = ![ENOENT, EEXIST].contains(code)
    #expect((error.hint != nil) == isHintWanted)
  }
}
