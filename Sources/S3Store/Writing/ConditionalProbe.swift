// Finds out by racing writers whether the server honours create-only puts, atomically.

import ArchiveCore
import S3Client

/// What came out of a probe.
package enum ConditionalVerdict: Hashable, Sendable {
  /// Every race had exactly one winner, whose bytes stayed.
  case atomic
  /// Not to be relied on, and why.
  case unsupported(String)
}

/// Several rounds of several writers that create the same scratch object at the same time.
///
/// A server that only looks before it writes passes a single test and fails here: OpenStack Swift had one
/// winner in one race of five. The scratch objects are deleted, also when the probe fails.
struct ConditionalProbe: Sendable {
  let place: BucketPlace
  let surroundings: Surroundings
  var rounds = 6
  var writers: UInt8 = 8

  func run() async throws(StoreError) -> ConditionalVerdict {
    let scratch = BucketScratch(place, surroundings)
    do throws(StoreError) {
      let verdict = try await verdict(scratch)
      await scratch.remove()
      return verdict
    } catch {
      await scratch.remove()
      throw error
    }
  }

  private func verdict(_ scratch: BucketScratch) async throws(StoreError) -> ConditionalVerdict {
    if let reason = try await refusalOfExisting(scratch) { return .unsupported(reason) }
    for round in 0..<rounds {
      let key = scratch.key("race-\(round)")
      let winners = try await race(key)
      guard winners.count == 1, let winner = winners.first else {
        return .unsupported("\(winners.count) of \(writers) writers at once won")
      }
      guard try await bytes(of: key) == payload(winner) else {
        return .unsupported("the winner's bytes were replaced")
      }
    }
    return .atomic
  }

  /// Why an existing object is not safe, or `nil` where a second create-only put is refused properly.
  private func refusalOfExisting(_ scratch: BucketScratch) async throws(StoreError) -> String? {
    let key = scratch.key("existing")
    guard try await create(key, payload(1)) == .won else {
      return "an object that does not exist cannot be created on condition"
    }
    let second = try await create(key, payload(2))
    guard second == .refused else { return "the condition is ignored" }
    return try await bytes(of: key) == payload(1) ? nil : "a refused put replaced the object"
  }

  /// The writers that believe to have created the object.
  private func race(_ key: String) async throws(StoreError) -> [UInt8] {
    let results = await withTaskGroup(of: (UInt8, Result<Attempt, StoreError>).self) { group in
      for writer in 0..<writers {
        group.addTask {
          do throws(StoreError) {
            return (writer, .success(try await create(key, payload(writer))))
          } catch {
            return (writer, .failure(error))
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    var winners: [UInt8] = []
    for (writer, result) in results where try result.get() == .won { winners.append(writer) }
    return winners
  }

  private enum Attempt { case won, refused, unknown }

  private func create(_ key: String, _ bytes: [UInt8]) async throws(StoreError) -> Attempt {
    var options = S3PutOptions()
    options.createOnly = true
    do throws(S3Error) {
      _ = try await place.bucket.put(key, .bytes(bytes), options)
      return .won
    } catch {
      switch error.kind {
      case .preconditionFailed, .conflict: return .refused
      // 501, or 400 for a header that is not known.
      case .notImplemented, .invalidRequest: return .unknown
      default: throw StoreError(error, "probe create-only puts", in: place.bucket.name, nil)
      }
    }
  }

  private func bytes(of key: String) async throws(StoreError) -> [UInt8] {
    try await place.asking("probe create-only puts") { () throws(S3Error) in
      let object = try await place.bucket.get(key)
      var bytes: [UInt8] = []
      while let chunk = try await object.next(), bytes.count < 1 << 16 { bytes += chunk }
      return bytes
    }
  }

  /// Different for each writer, and long enough not to be treated specially.
  private func payload(_ writer: UInt8) -> [UInt8] { [UInt8](repeating: writer, count: 1024) }
}
