// Deleting one object, and many.

import Crypto
import Encodings

extension S3Bucket {
  /// Deletes an object; where there is none, that is a success as well.
  public func delete(_ key: String) async throws(S3Error) {
    var request = try request("DELETE", key)
    request.mayFailInside = true
    do {
      _ = try await perform(request)
    } catch {
      guard error.kind == .notFound else { throw error }
    }
  }

  /// Deletes any number of objects and returns those that were not deleted, with the server's reason.
  ///
  /// Sent in batches of 700 (one server fails above that). Keys that the server was too busy for are sent again, like
  /// requests. A thrown error ends the work: batches before it are done.
  public func delete(_ keys: [String]) async throws(S3Error) -> [S3KeyFailure] {
    for key in keys { _ = try request("DELETE", key) }
    var failures: [S3KeyFailure] = []
    // XML cannot carry every key; those that it cannot go one by one.
    for key in keys where !Self.isXMLText(key) {
      do {
        try await delete(key)
      } catch {
        guard let code = error.code else { throw error }
        failures.append(S3KeyFailure(key: key, code: code, message: error.message))
      }
    }
    var rest = keys.filter(Self.isXMLText)[...]
    while !rest.isEmpty {
      failures += try await deletePatiently(Array(rest.prefix(Self.batchLimitKeys)))
      rest = rest.dropFirst(Self.batchLimitKeys)
    }
    return failures
  }

  static let batchLimitKeys = 700

  private func deletePatiently(_ keys: [String]) async throws(S3Error) -> [S3KeyFailure] {
    let rules = client.settings.retries
    var (rest, failures, attempt) = (keys, [S3KeyFailure](), 0)
    while true {
      attempt += 1
      let refused = try await deleteBatch(rest)
      if attempt > 1 { client.budget.giveBack(RetryBudget.repetitionCost) }
      // Only what we asked for: no server chooses what is deleted next.
      let asked = Set(rest)
      func mayPass(_ refusal: S3KeyFailure) -> Bool {
        S3Error.mayPass(code: refusal.code) && asked.contains(refusal.key)
      }
      let passing = refused.filter(mayPass)
      failures += refused.filter { !mayPass($0) }
      guard !passing.isEmpty, attempt < rules.attempts,
        client.budget.take(RetryBudget.repetitionCost)
      else { return failures + passing }
      let delay = rules.delay(
        after: attempt, retryAfter: nil, random: client.surroundings.random())
      do { try await client.surroundings.sleep(delay) } catch { throw S3Error.wasCancelled }
      rest = passing.map(\.key)
    }
  }

  private func deleteBatch(_ keys: [String]) async throws(S3Error) -> [S3KeyFailure] {
    var request = S3Request("POST", bucket: name)
    request.query = [("delete", "")]
    let body = try XMLWriting.delete(keys)
    request.set(xml: body)
    request.headers.append(
      (name: "content-md5", value: Base64.standard.text(Insecure.MD5.hash(data: body))))
    request.mayFailInside = true
    request.deadlines = patientDeadlines
    let reply = try await perform(request)
    let answer = try S3DeleteAnswer(body: reply.body.droppingLeadingBlanks(), limits: xmlLimits)
    // What is not there is deleted; some servers call that a failure.
    return answer.failures.filter { $0.code != "NoSuchKey" }
  }

  /// The characters of XML 1.0.
  static func isXMLText(_ key: String) -> Bool {
    key.unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "\t", "\n", "\r": true
      case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": false
      default: true
      }
    }
  }
}
