// Carries a streamed body from its source to the transfer.

/// Pulls the source and fills the exchange's `SendBuffer`, as a child task of the request.
///
/// The last chunk is held back until the source has said that it is the last: a source that gives too many
/// bytes breaks the request off before the server has a whole body to store.
struct BodyPump: Sendable {
  let exchange: Exchange
  let length: Int64
  let source: @Sendable () async throws -> [UInt8]?

  func run() async {
    do {
      try await carry()
    } catch {
      // Whoever stops an upload also cancels its source, whose complaint is then no news.
      if !exchange.upload.isOver { exchange.breakOff(failure(error)) }
    }
  }

  private func carry() async throws {
    var given: Int64 = 0
    var held: [UInt8] = []
    while let chunk = try await source() {
      if chunk.isEmpty { continue }
      given += Int64(chunk.count)
      guard given <= length else { throw WrongLength(given: given, said: length) }
      if !held.isEmpty, await !put(held, isLast: false) { return }
      held = chunk
    }
    guard given == length else { throw WrongLength(given: given, said: length) }
    if !held.isEmpty { _ = await put(held, isLast: true) }
  }

  private func put(_ chunk: [UInt8], isLast: Bool) async -> Bool {
    await exchange.upload.put(chunk, isLast: isLast) { exchange.resume() }
  }

  private func failure(_ error: any Error) -> CurlError {
    if let wrong = error as? WrongLength { return wrong.asCurlError }
    // A cancelled source throws as a rule; why it was cancelled is known already, or this is why.
    if Task.isCancelled { return CurlError(.cancelled, "the task was cancelled", cause: error) }
    return CurlError(.sourceFailed, "the source of the body failed", cause: error)
  }
}

/// The source gave another number of bytes than the request said.
private struct WrongLength: Error {
  let given: Int64
  let said: Int64

  var asCurlError: CurlError {
    let sense = given > said ? "more" : "fewer"
    return CurlError(
      .sourceFailed, "the source gave \(sense) bytes than it said given=`\(given)` said=`\(said)`")
  }
}
