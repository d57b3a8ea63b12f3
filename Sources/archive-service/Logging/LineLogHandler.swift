// Writes the log to standard error.

import ArchiveCore
import Logging

/// One line per event, written with one system call so that lines do not mix.
struct LineLogHandler: LogHandler {
  let label: String
  let format: LogFormat
  let now: @Sendable () -> Timestamp
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  init(
    label: String, format: LogFormat, level: Logger.Level,
    now: @escaping @Sendable () -> Timestamp
  ) {
    (self.label, self.format, self.now, logLevel) = (label, format, now, level)
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    StandardError.write(line(event))
  }

  /// The event's own metadata wins over the logger's, and that over the provider's.
  func line(_ event: LogEvent) -> [UInt8] {
    var all = metadataProvider?.get() ?? [:]
    all.merge(metadata) { $1 }
    if let own = event.metadata { all.merge(own) { $1 } }
    if let error = event.error { all["error"] = "\(error)" }
    return format.line(
      time: now(), label: label, level: event.level, message: event.message.description,
      metadata: all) + [UInt8(ascii: "\n")]
  }
}

/// Standard error, unbuffered.
enum StandardError {
  /// What cannot be written is lost: there is no better place to say so.
  static func write(_ bytes: [UInt8]) { _ = DescriptorWriter.write(bytes, to: 2) }

  static func write(line: String) { write(Array((line + "\n").utf8)) }
}
