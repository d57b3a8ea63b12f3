// An operator lets a new key follow the one that signs access tokens.

public import ArchiveCore
public import Logging

/// Makes a new signing key; for the command line, beside servers that run.
public struct RotateKeys: Sendable {
  /// The new key.
  public struct Outcome: Sendable {
    /// How the published key set names it.
    public let keyID: String
    public let signsFrom: Timestamp
  }

  private static let attempts = 5

  private let keys: SigningKeys

  public init(
    documents: any DocumentStore, settings: ServiceSettings, surroundings: Surroundings,
    logger: Logger
  ) {
    keys = SigningKeys(
      documents: documents, settings: settings.auth, surroundings: surroundings, logger: logger)
  }

  /// - Parameter atOnce: the new key signs now and all others are refused, as after a theft; otherwise it signs after
  ///   some minutes, and tokens of the others live out their time.
  public func callAsFunction(atOnce: Bool) async throws(StoreError) -> Outcome {
    var failure = StoreError(.conflict, "no attempt was made")
    for _ in 0..<Self.attempts {
      do throws(StoreError) {
        let record = try await atOnce ? keys.replaceAtOnce() : keys.rotate()
        return Outcome(keyID: record.keyID, signsFrom: record.signsFrom)
      } catch {
        // Another process made one at the same moment; what was asked for is one more.
        guard error.kind == .conflict else { throw error }
        failure = error
      }
    }
    throw failure
  }
}
