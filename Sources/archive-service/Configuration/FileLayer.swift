// The YAML file of settings.

import Configuration
import Foundation
import Synchronization

/// The file as a provider, and what in it is no setting.
struct FileLayer {
  let provider: any ConfigProvider
  let problems: [String]

  /// `nil` where no file is read, or it says nothing.
  init?(path: String?) async throws(ConfigurationError) {
    guard let path else { return nil }
    guard try Self.hasContent(path) else { return nil }
    let names = KeyNames()
    // The library does not list the keys of a file, but asks for each whether it is secret.
    let options = YAMLSnapshot.ParsingOptions(
      secretsSpecifier: .dynamic { name, _ in
        names.add(name)
        return SettingTable.byName[name]?.isSecret ?? true
      })
    let file: FileProvider<YAMLSnapshot>
    do {
      file = try await FileProvider(
        parsingOptions: options,
        config: ConfigReader(
          provider: InMemoryProvider(values: [
            "filePath": ConfigValue(.string(path), isSecret: false)
          ])))
    } catch {
      throw ConfigurationError(problems: ["\(path) is no usable YAML: \(error)"])
    }
    provider = file
    problems = names.all.sorted().compactMap { name in
      if SettingTable.isSection(name), Self.isEmptyText(name, in: file) { return nil }
      return SettingsReader.problem(withName: name, from: path)
    }
  }

  /// A section of which every line is a comment is a key with nothing behind it.
  private static func isEmptyText(_ name: String, in file: FileProvider<YAMLSnapshot>) -> Bool {
    let reader = ConfigReader(provider: file)
    return ["", "~", "null"].contains(reader.string(forKey: ConfigKey(name)))
  }

  /// Whether the file holds more than comments, which the library would refuse as no mapping.
  private static func hasContent(_ path: String) throws(ConfigurationError) -> Bool {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      let why = FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist"
      throw ConfigurationError(problems: ["the configuration file \(path) \(why)"])
    }
    return text.split(whereSeparator: \.isNewline).contains { line in
      let line = line.trimmingCharacters(in: .whitespaces)
      return !line.isEmpty && !line.hasPrefix("#") && line != "---"
    }
  }
}

/// The names that a file holds. The mutex guards the one field.
private final class KeyNames: Sendable {
  private let names = Mutex<Set<String>>([])

  func add(_ name: String) { _ = names.withLock { $0.insert(name) } }
  var all: Set<String> { names.withLock { $0 } }
}
