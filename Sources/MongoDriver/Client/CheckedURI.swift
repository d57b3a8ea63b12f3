// The connection string as libmongoc has parsed it, with what we insist on.

internal import CMongoc
internal import CMongocShims

/// The owner of one `mongoc_uri_t`.
///
/// `@unchecked Sendable`: it is changed in its initialiser only, by whoever makes it; from then on it is
/// read, by the one thread that makes the pool.
final class CheckedURI: @unchecked Sendable {
  let uri: OpaquePointer
  /// `host:port` of each server that it names, for people.
  let hosts: String

  init(_ settings: MongoSettings) throws(MongoError) {
    try Self.checkOptions(settings.uri.text)
    var error = bson_error_t()
    // libmongoc's own sentence may quote the password.
    guard let uri = mongoc_uri_new_with_error(settings.uri.text, &error) else {
      throw MongoError(
        .invalid, "the connection string cannot be read code=`\(error.code)`",
        hint:
          "mongodb://user:password@host/?replicaSet=…; percent-encode what is special in the password"
      )
    }
    (self.uri, hosts) = (uri, Self.hosts(of: uri))
    try insist(settings)
  }

  deinit { mongoc_uri_destroy(uri) }

  /// libmongoc ignores what it does not know: a mistyped `tlsCAFile` would go unnoticed.
  private static func checkOptions(_ text: String) throws(MongoError) {
    guard let query = text.split(separator: "?", maxSplits: 1).dropFirst().first else { return }
    for option in query.split(whereSeparator: { $0 == "&" || $0 == ";" }) {
      let name = option.prefix { $0 != "=" }
      // What is no option may be a piece of a password that was not percent-encoded.
      guard name.allSatisfy({ $0.isASCII && $0.isLetter }) else { continue }
      guard mongoc_shim_knows_option(name.lowercased()) else {
        throw MongoError(.invalid, "the connection string has an unknown option option=`\(name)`")
      }
      if name.lowercased() == "loadbalanced" {
        throw MongoError(.refused, "load balancers are not supported option=`\(name)`")
      }
    }
  }

  /// Our own word on everything that decides what an acknowledgement means, and on compression: the servers'
  /// code for it has leaked memory to strangers (CVE-2025-14847).
  private func insist(_ settings: MongoSettings) throws(MongoError) {
    let clients = settings.connectionLimit + settings.changeStreamLimit
    let numbers: [(String, Int32)] = [
      (MONGOC_URI_CONNECTTIMEOUTMS, settings.connectTimeout.optionMilliseconds),
      (MONGOC_URI_SERVERSELECTIONTIMEOUTMS, settings.serverSelectionTimeout.optionMilliseconds),
      (MONGOC_URI_SOCKETTIMEOUTMS, settings.socketTimeout.optionMilliseconds),
      (MONGOC_URI_MAXPOOLSIZE, Int32(clamping: clients)),
    ]
    var isSet = numbers.allSatisfy { mongoc_uri_set_option_as_int32(uri, $0.0, $0.1) }
    // Retrying is ours: it knows the deadline.
    for option in [MONGOC_URI_RETRYWRITES, MONGOC_URI_RETRYREADS] {
      isSet = isSet && mongoc_uri_set_option_as_bool(uri, option, false)
    }
    // A single name stands for its replica set, unless somebody says otherwise.
    if !mongoc_uri_has_option(uri, MONGOC_URI_DIRECTCONNECTION) {
      isSet = isSet && mongoc_uri_set_option_as_bool(uri, MONGOC_URI_DIRECTCONNECTION, false)
    }
    isSet =
      isSet && mongoc_uri_set_compressors(uri, nil)
      && mongoc_uri_set_appname(uri, settings.applicationName)
    guard isSet else {
      throw MongoError(.invalid, "libmongoc refuses a setting hosts=`\(hosts)`")
    }
    let majority = mongoc_write_concern_new()
    defer { mongoc_write_concern_destroy(majority) }
    mongoc_write_concern_set_wmajority(majority, 0)
    mongoc_write_concern_set_journal(majority, true)
    mongoc_uri_set_write_concern(uri, majority)
    let primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY)
    defer { mongoc_read_prefs_destroy(primary) }
    mongoc_uri_set_read_prefs_t(uri, primary)
  }

  private static func hosts(of uri: OpaquePointer) -> String {
    if let name = mongoc_uri_get_srv_hostname(uri) { return String(cString: name) }
    var names: [String] = []
    var next = mongoc_uri_get_hosts(uri)
    while let host = next?.pointee {
      names.append(
        withUnsafeBytes(of: host.host_and_port) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        })
      next = UnsafePointer(host.next)
    }
    return names.joined(separator: ",")
  }
}
