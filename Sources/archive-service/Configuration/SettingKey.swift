// One setting as data: its name, what it takes, what it means, and where its value goes.

import ArchiveService

/// A row of `SettingTable`. Values come in as text, whatever they come from.
struct SettingKey: Sendable {
  /// As in the file: `http.port`.
  let name: String
  /// What is allowed, for people: `a port: 0 to 65535`.
  let allowed: String
  let defaultText: String
  let meaning: String
  let isSecret: Bool
  /// Puts a value into the settings, or throws `ValueError`.
  let apply: @Sendable (_ text: String, _ settings: inout Settings) throws -> Void

  /// `http.publicURL` is `ARCHIVE_HTTP_PUBLICURL`.
  var environmentName: String {
    "ARCHIVE_" + name.uppercased().split(separator: ".").joined(separator: "_")
  }
}

/// A place in the settings.
typealias SettingPath<Value> = any WritableKeyPath<Settings, Value> & Sendable

extension SettingKey {
  static func duration(
    _ name: String, _ path: SettingPath<Duration>, _ range: ClosedRange<Duration>,
    _ meaning: String
  ) -> SettingKey {
    let allowed =
      "a duration such as 500ms, 20s, 5m, 12h or 30d, "
      + "from \(DurationForm.text(range.lowerBound)) to \(DurationForm.text(range.upperBound))"
    return SettingKey(
      name: name, allowed: allowed,
      defaultText: DurationForm.text(Settings()[keyPath: path]), meaning: meaning, isSecret: false
    ) { text, settings in
      guard let value = DurationForm.duration(text), range.contains(value)
      else { throw ValueError(allowed: allowed) }
      settings[keyPath: path] = value
    }
  }

  static func size(
    _ name: String, _ path: SettingPath<Int>, _ range: ClosedRange<Int>, _ meaning: String
  ) -> SettingKey {
    let allowed =
      "a size such as 65536, 64KiB or 1MiB, "
      + "from \(SizeForm.text(range.lowerBound)) to \(SizeForm.text(range.upperBound))"
    return SettingKey(
      name: name, allowed: allowed, defaultText: SizeForm.text(Settings()[keyPath: path]),
      meaning: meaning, isSecret: false
    ) { text, settings in
      guard let value = SizeForm.bytes(text), range.contains(value)
      else { throw ValueError(allowed: allowed) }
      settings[keyPath: path] = value
    }
  }

  static func number(
    _ name: String, _ path: SettingPath<Int>, _ range: ClosedRange<Int>, _ meaning: String
  ) -> SettingKey {
    let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    return SettingKey(
      name: name, allowed: allowed, defaultText: String(Settings()[keyPath: path]),
      meaning: meaning, isSecret: false
    ) { text, settings in
      // `Int` alone would also take "+1".
      guard text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text),
        range.contains(value)
      else { throw ValueError(allowed: allowed) }
      settings[keyPath: path] = value
    }
  }

  static func choice<Value: RawRepresentable<String> & CaseIterable & SendableMetatype>(
    _ name: String, _ path: SettingPath<Value>, _ meaning: String
  ) -> SettingKey {
    let allowed = "one of " + Value.allCases.map(\.rawValue).joined(separator: ", ")
    return SettingKey(
      name: name, allowed: allowed, defaultText: Settings()[keyPath: path].rawValue,
      meaning: meaning, isSecret: false
    ) { text, settings in
      guard let value = Value(rawValue: text) else { throw ValueError(allowed: allowed) }
      settings[keyPath: path] = value
    }
  }

  static func text(
    _ name: String, _ path: SettingPath<String>, allowed: String, _ meaning: String
  ) -> SettingKey {
    SettingKey(
      name: name, allowed: allowed, defaultText: Settings()[keyPath: path], meaning: meaning,
      isSecret: false
    ) { text, settings in
      guard !text.isEmpty, !text.utf8.contains(0) else { throw ValueError(allowed: allowed) }
      settings[keyPath: path] = text
    }
  }
}
