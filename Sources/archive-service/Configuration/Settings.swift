// Everything that an operator can set, with the defaults of each part.

import ArchiveCore
import ArchiveService
import Logging
import MongoDriver

/// The settings of one process, checked. Made by `SettingsReader`.
struct Settings: Sendable {
  var service = ServiceSettings()
  var log = LogSettings()
  /// Where the embedded engines keep their files.
  var dataDirectory = "./data"
  /// Where the documents lie instead, once it has a connection string.
  var mongo = DatabaseSettings()
  /// Where the objects lie instead, once it has an endpoint.
  var s3 = BucketSettings()
  /// Who delivers letters.
  var mail = MailSettings()
  /// Who makes small pictures of large ones.
  var pictures = PictureSettings()
  /// Who finds viruses in files.
  var clamd = ClamdSettings()
  /// Unset: generated once and kept in the data directory.
  var authSecret: Secret?
  /// Unset: the same. Every process of a deployment needs the same one.
  var anchorKey: Secret?
  var logLevel = Logger.Level.info
  var logFormat = LogFormat.text

  /// Where an archive was looked for in vain, and what to do about it.
  var placeOfDocuments: String {
    guard let mongo = mongo.client else {
      return
        "in the data directory path=`\(dataDirectory)`; name another with --data or data.directory"
    }
    return
      "in the database database=`\(mongo.database)`; name another with mongo.uri or mongo.database"
  }

  /// What contradicts itself although each value is allowed, told with the keys.
  var contradictions: [String] {
    var found: [String] = []
    func require(_ claim: Bool, _ text: String) {
      if !claim { found.append(text) }
    }
    require(
      log.idle <= log.maxAge,
      "archive.idle is longer than archive.maxAge: a conversation would never be flushed for being quiet"
    )
    require(log.window <= log.maxAge, "archive.window is longer than archive.maxAge")
    require(
      log.maxBytes <= log.bufferLimitBytes,
      "archive.maxBytes is larger than archive.bufferLimit: sends would be refused before a flush is due"
    )
    require(
      (service.http.tls.certificate == nil) == (service.http.tls.key == nil),
      "http.tls.certificate and http.tls.key need each other")
    require(
      service.auth.accessTokenLifetime <= service.auth.refreshTokenLifetime,
      "auth.accessTokenLifetime is longer than auth.refreshTokenLifetime")
    require(
      !service.links.redirects || s3.endpoint != nil,
      "links.redirects is true without s3.endpoint: a directory has no addresses")
    return found + mongo.contradictions + s3.contradictions + mail.contradictions(service)
  }
}
