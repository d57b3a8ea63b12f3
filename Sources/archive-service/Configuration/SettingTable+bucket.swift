// The rows of the table that concern the bucket.

import ArchiveService
import Foundation
import S3Client
import S3Store

extension SettingTable {
  static let bucket: [SettingKey] = [
    endpoint(
      "s3.endpoint", \.s3.endpoint, default: "none, objects lie in data.directory",
      "Where the S3 server answers; set, the archive's objects go into a bucket."),
    endpoint(
      "s3.publicEndpoint", \.s3.publicEndpoint, default: "the same as s3.endpoint",
      "Where browsers reach the same server; signed links are made for it."),
    .text(
      "s3.region", \.s3.region,
      allowed: "the region's name, or auto where the server tells it; most servers take any",
      "What requests are signed for."),
    .optional(
      "s3.bucket", default: "none, needed with s3.endpoint",
      allowed: "3 to 63 lower-case letters, digits, dots and hyphens",
      "The bucket; it must exist. archive-service doctor --create-bucket makes it."
    ) { text, settings in
      guard (3...63).contains(text.utf8.count), text.utf8.allSatisfy(isBucketByte) else {
        return false
      }
      settings.s3.bucket = text
      return true
    },
    .optional(
      "s3.prefix", default: "none, objects lie at the top of the bucket",
      allowed: "segments of A-Z a-z 0-9 . _ - that each end in /, at most 512 bytes",
      "Keys in the bucket begin with it, so that several archives can share one."
    ) { text, settings in
      guard BucketPrefix(text) != nil else { return false }
      settings.s3.prefix = text
      return true
    },
    .secret("s3.accessKey", \.s3.accessKey, "Names the account at the S3 server."),
    .secret(
      "s3.secretKey", \.s3.secretKey,
      "Signs requests. Better set by ARCHIVE_S3_SECRETKEY than in a file that others read."),
    .secret("s3.sessionToken", \.s3.sessionToken, "Belongs to temporary keys."),
    .flag(
      "s3.pathStyle", \.s3.pathStyle,
      "true: the bucket is in the path, as most servers want. false: it is in the host name, as AWS wants."
    ),
    .choice(
      "s3.conditionalWrites", \.s3.conditionalWrites,
      "probe: the server decides who creates an object where a race of writers shows that it can. off: never."
    ),
    .flag(
      "s3.signsPayload", \.s3.signsPayload,
      "Whether bodies are hashed into the signature; false saves CPU and needs https."),
    .size(
      "s3.partBytes", \.s3.partBytes, 5 << 20...1 << 30,
      "From this size on an object is put in parts of this size."),
    .number("s3.parallelParts", \.s3.parallelParts, 1...64, "Parts of one object sent at once."),
    .number("s3.connectionLimit", \.s3.connectionLimit, 1...1024, "Connections to the server."),
    .duration(
      "s3.connectTimeout", \.s3.connectTimeout, .milliseconds(100)...hour,
      "A connection must stand after that time."),
    .duration(
      "s3.answerTimeout", \.s3.answerTimeout, .milliseconds(100)...hour,
      "The server may be silent for that time."),
    .optional(
      "s3.caFile", default: "the system's certificates", allowed: "the path of a PEM file",
      "The certificates to trust instead of the system's."
    ) { text, settings in
      guard !text.isEmpty, !text.utf8.contains(0) else { return false }
      settings.s3.caFile = text
      return true
    },
    .optional(
      "s3.proxy", default: "none, the environment's proxies are not used",
      allowed: "a URL such as http://proxy:3128", "A proxy between this server and the S3 server."
    ) { text, settings in
      guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
        parts.host?.isEmpty == false, parts.query == nil, parts.fragment == nil
      else { return false }
      settings.s3.proxy = text
      return true
    },
  ]

  private static func isBucketByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func endpoint(
    _ name: String, _ path: SettingPath<S3Endpoint?>, default text: String, _ meaning: String
  ) -> SettingKey {
    .optional(
      name, default: text,
      allowed:
        "a URL such as https://s3.example.org or http://127.0.0.1:9000, without user or query",
      meaning
    ) { text, settings in
      guard let endpoint = S3Endpoint(text) else { return false }
      settings[keyPath: path] = endpoint
      return true
    }
  }
}

extension SettingKey {
  /// A setting without a default; `take` says whether it takes the text.
  static func optional(
    _ name: String, default text: String, allowed: String, _ meaning: String,
    take: @escaping @Sendable (_ text: String, _ settings: inout Settings) -> Bool
  ) -> SettingKey {
    SettingKey(
      name: name, allowed: allowed, defaultText: text, meaning: meaning, isSecret: false
    ) { text, settings in
      guard take(text, &settings) else { throw ValueError(allowed: allowed) }
    }
  }

  /// A text that is never shown.
  static func secret(_ name: String, _ path: SettingPath<Secret?>, _ meaning: String) -> SettingKey
  {
    let allowed = "a text of 1 to 4096 bytes without blanks and control characters"
    return SettingKey(
      name: name, allowed: allowed, defaultText: "none, as given by the S3 server's operator",
      meaning: meaning, isSecret: true
    ) { text, settings in
      guard (1...4096).contains(text.utf8.count),
        text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
      else { throw ValueError(allowed: allowed) }
      settings[keyPath: path] = Secret(Array(text.utf8))
    }
  }

  static func flag(_ name: String, _ path: SettingPath<Bool>, _ meaning: String) -> SettingKey {
    let allowed = "true or false"
    return SettingKey(
      name: name, allowed: allowed, defaultText: String(Settings()[keyPath: path]),
      meaning: meaning, isSecret: false
    ) { text, settings in
      guard let value = Bool(text) else { throw ValueError(allowed: allowed) }
      settings[keyPath: path] = value
    }
  }
}
