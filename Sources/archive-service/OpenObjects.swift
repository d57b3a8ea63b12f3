// The object engine that the settings name, open.

import ArchiveCore
import ArchiveService
import EmbeddedStore
import Foundation
import Logging
import S3Client
import S3Store

/// A bucket or a directory, and how to let go of it.
struct OpenObjects: Sendable {
  let store: any ObjectStore
  /// Signs addresses at which a bucket answers; `nil` where there is no bucket.
  let direct: DirectAddress?
  /// Once, when nobody uses the store any more.
  let close: @Sendable () async -> Void

  /// Asks the bucket nothing; so settings that are wrong at first sight are refused, and a server that
  /// is away is not waited for.
  init(_ settings: Settings, surroundings: Surroundings, logger: Logger) async throws {
    guard let (clientSettings, name) = settings.s3.client else {
      let directory = try await DirectoryObjectStore(root: settings.objectDirectory)
      self.init(store: directory) { await directory.close() }
      return
    }
    if let file = settings.s3.caFile, !FileManager.default.isReadableFile(atPath: file) {
      throw ConfigurationError(problems: ["s3.caFile cannot be read path=`\(file)`"])
    }
    do {
      let client = try S3Client(
        settings: clientSettings, surroundings: S3Surroundings(surroundings), logger: logger)
      let bucket = try client.bucket(name)
      let store = try S3ObjectStore(
        bucket: bucket, prefix: settings.s3.prefix,
        partBytes: clientSettings.partBytes,
        conditionalWrites: settings.s3.conditionalWrites.forStore, surroundings: surroundings,
        logger: logger)
      let direct: DirectAddress = { [prefix = settings.s3.prefix] download in
        try bucket.presignedGet(
          prefix + download.key.description, expires: download.lifetime,
          contentType: download.contentType, contentDisposition: download.disposition)
      }
      self.init(store: store, direct: direct) { await client.close() }
    } catch {
      throw ConfigurationError(problems: ["the settings s3.… do not make a client: \(error)"])
    }
  }

  private init(
    store: any ObjectStore, direct: DirectAddress? = nil,
    close: @escaping @Sendable () async -> Void
  ) {
    (self.store, self.direct, self.close) = (store, direct, close)
  }
}

extension Settings {
  /// Where the embedded engine keeps objects.
  var objectDirectory: String { dataDirectory + "/objects" }
}
