// How lines of the log look.

import ArchiveCore
import Foundation
import Logging
import Testing

@testable import archive_service

@Suite("Log lines")
struct LogFormatTests {
  private func line(_ format: LogFormat, _ message: String, _ metadata: Logger.Metadata = [:])
    -> String
  {
    String(
      decoding: format.line(
        time: Timestamp(milliseconds: 1_767_225_600_123), label: "test", level: .warning,
        message: message, metadata: metadata), as: UTF8.self)
  }

  @Test("text: time, level, message, then the metadata in order")
  func text() {
    #expect(
      line(.text, "request", ["status": "200", "path": "/a b", "empty": ""])
        == "2026-01-01T00:00:00.123Z warning request empty=\"\" path=\"/a b\" status=200")
  }

  @Test("text: nothing from outside begins a new line or steers the terminal")
  func injection() {
    let text = line(
      .text, "one\ntwo\u{1B}[2J", ["path": "/\r\nforged \"x\"", "a\nb": "c", "s": "\u{2028}"])
    #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
    #expect(!text.unicodeScalars.contains("\u{2028}"))
    #expect(text.contains("one\\ntwo"))
    #expect(text.contains("\\\"x\\\""))
  }

  @Test("json: one object per line with time, level, message and the metadata")
  func json() throws {
    let text = line(
      .json, "one\n\"two\"", ["requestId": "R1", "list": ["a", "b"], "nested": ["k": "v"]])
    #expect(!text.contains("\n"))
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["time"] as? String == "2026-01-01T00:00:00.123Z")
    #expect(object["level"] as? String == "warning")
    #expect(object["message"] as? String == "one\n\"two\"")
    #expect(object["requestId"] as? String == "R1")
    #expect(object["list"] as? [String] == ["a", "b"])
    #expect(object["nested"] as? [String: String] == ["k": "v"])
  }

  @Test("an event's own metadata wins over the logger's")
  func precedence() {
    var handler = LineLogHandler(
      label: "test", format: .text, level: .info, now: { Timestamp(milliseconds: 0) })
    handler[metadataKey: "a"] = "logger"
    handler[metadataKey: "b"] = "logger"
    let event = LogEvent(
      level: .info, message: "m", metadata: ["a": "event"], source: "s", file: "f",
      function: "f", line: 1)
    let text = String(decoding: handler.line(event), as: UTF8.self)
    #expect(text == "1970-01-01T00:00:00.000Z info m a=event b=logger\n")
  }
}
