// How a client reaches MongoDB, and how much it may use.

/// The settings of one `MongoClient`; every one but address and database has a default that is safe.
///
/// What the connection string says of write concern, read concern, read preference, retries, compression, pool size
/// and these timeouts is overruled: what is acknowledged is always on the disks of the majority.
public struct MongoSettings: Sendable {
  public var uri: MongoURI
  /// The database of all operations that name none.
  public var database: String
  /// How many threads there are for operations, each with one libmongoc client of its own.
  public var connectionLimit = 8
  /// How many operations may wait for a thread; one more is `busy`.
  public var requestLimit = 1024
  /// How many change streams may be open, each with a thread and a libmongoc client of its own.
  public var changeStreamLimit = 16
  public var connectTimeout: Duration = .seconds(5)
  public var serverSelectionTimeout: Duration = .seconds(5)
  /// How long a silent connection is waited for. Whoever asked is told at the deadline of the operation;
  /// this bounds how long the thread is held after that.
  public var socketTimeout: Duration = .seconds(10)
  /// From the call to the answer, waiting for a thread and repetitions included, where the call says nothing.
  public var operationDeadline: Duration = .seconds(5)
  /// The same for transactions.
  public var transactionDeadline: Duration = .seconds(10)
  /// How we are called in the server's log; at most 128 bytes.
  public var applicationName = "MongoDriver"

  public init(uri: MongoURI, database: String) { (self.uri, self.database) = (uri, database) }
}

extension MongoSettings {
  /// The first setting that no client can work with.
  func check() throws(MongoError) {
    let timeouts: ClosedRange<Duration> = .milliseconds(10)...(.seconds(86_400))
    let name = applicationName.utf8
    let limits: [(name: String, isRight: Bool, bounds: String)] = [
      ("database", Self.isDatabaseName(database), "1 to 63 bytes without `/\\. \"$*<>:|?`"),
      ("connectionLimit", (1...1000).contains(connectionLimit), "1 to 1,000"),
      ("requestLimit", (1...1_000_000).contains(requestLimit), "1 to 1,000,000"),
      ("changeStreamLimit", (0...1000).contains(changeStreamLimit), "0 to 1,000"),
      ("connectTimeout", timeouts.contains(connectTimeout), "10 ms to a day"),
      ("serverSelectionTimeout", timeouts.contains(serverSelectionTimeout), "10 ms to a day"),
      ("socketTimeout", timeouts.contains(socketTimeout), "10 ms to a day"),
      ("operationDeadline", timeouts.contains(operationDeadline), "10 ms to a day"),
      ("transactionDeadline", timeouts.contains(transactionDeadline), "10 ms to a day"),
      ("applicationName", (1...128).contains(name.count) && !name.contains(0), "1 to 128 bytes"),
    ]
    for limit in limits where !limit.isRight {
      throw MongoError(
        .invalid, "a setting is out of bounds setting=`\(limit.name)`",
        hint: "choose \(limit.bounds)")
    }
  }

  private static func isDatabaseName(_ name: String) -> Bool {
    (1...63).contains(name.utf8.count)
      && name.utf8.allSatisfy { $0 > 0x20 && !"/\\.\"$*<>:|?".utf8.contains($0) }
  }
}

extension Duration {
  /// Whole milliseconds within what libmongoc's options take, at least one.
  var optionMilliseconds: Int32 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    guard !overflow else { return .max }
    return Int32(
      clamping: max(1, whole.addingReportingOverflow(attoseconds / 1_000_000_000_000_000).0))
  }
}
