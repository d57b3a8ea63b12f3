// What bounds uploads.

import ArchiveCore

extension ServiceSettings {
  /// Files: how large, how many, how long.
  public struct Uploads: Sendable {
    /// The largest file.
    public var maxBytes = 100 << 20
    /// What all files of one user may take together.
    public var quotaBytes = 10 << 30
    /// Files of one message.
    public var filesPerMessage = 20
    /// Uploads that may come in at once on this node; more are refused with 503.
    public var atOnceLimit = 64
    /// The same for one user, with 429.
    public var atOncePerUser = 8
    /// A file that no message uses goes after that time, and an upload that was begun and not finished.
    public var unusedLifetime: Duration = .seconds(86_400)
    /// Resumable uploads that one user may have begun.
    public var unfinishedLimit = 100
    /// An object that no document names, and a document whose object is missing, is looked at once it is that old.
    public var orphanGrace: Duration = .seconds(86_400)
    /// How often it is looked for what should go.
    public var careInterval: Duration = .seconds(300)
    /// A client that sends less than 16 KiB of a file in that time, while it is waited for, is cut off.
    public var stallDeadline: Duration = .seconds(30)

    public init() {}
  }
}
