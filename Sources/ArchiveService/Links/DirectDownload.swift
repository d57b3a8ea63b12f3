// Files that the object store hands out by itself.

public import ArchiveCore

/// What somebody may fetch from the object store directly, for a moment.
public struct DirectDownload: Sendable {
  public let key: ObjectKey
  public let contentType: String
  /// The value of Content-Disposition.
  public let disposition: String
  public let lifetime: Duration
}

/// Makes an address at which the object store answers as it is told; it is signed, and nobody can change it.
public typealias DirectAddress = @Sendable (DirectDownload) throws -> String
