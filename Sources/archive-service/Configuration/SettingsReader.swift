// Reads the settings: flags before environment before file before defaults.

import Configuration
import Foundation
import Synchronization

/// Gathers what flags, environment and file say into `Settings`, or says all that is wrong.
struct SettingsReader {
  /// `key=value` of each `--set`, and what other flags stand for.
  var flags: [(key: String, value: String)] = []
  var environment: [String: String] = [:]
  /// The file named by `--config`.
  var file: String?

  /// Read when no file is named and it exists.
  static let defaultFile = "config/default.yaml"

  /// Variables that begin like settings and belong to tests and tools.
  private static let otherVariables = [
    "ARCHIVE_CONFIG", "ARCHIVE_SEED", "ARCHIVE_DIFFERENTIAL_OPERATIONS",
  ]
  private static let otherPrefixes = ["ARCHIVE_TEST_", "ARCHIVE_TORTURE_", "ARCHIVE_BENCH_"]

  func settings() async throws(ConfigurationError) -> Settings {
    let fileLayer = try await FileLayer(path: path)
    let sources = SettingSources(file: path ?? Self.defaultFile)
    let reader = ConfigReader(
      providers: [flagLayer, environmentLayer] + (fileLayer.map { [$0.provider] } ?? []),
      accessReporter: sources)
    var problems = flagProblems + environmentProblems + (fileLayer?.problems ?? [])
    var settings = Settings()
    for key in SettingTable.keys {
      let text = reader.string(forKey: ConfigKey(key.name), isSecret: key.isSecret)
      let source = sources.taken()
      if let text {
        do { try key.apply(text, &settings) } catch {
          problems.append(Self.problem(key, text, from: source.name))
        }
      } else if source.hasFailed {
        problems.append(Self.problem(key, nil, from: source.name))
      }
    }
    if problems.isEmpty { problems = settings.contradictions }
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    return settings
  }

  private static func problem(_ key: SettingKey, _ text: String?, from source: String) -> String {
    let value = key.isSecret ? "" : text.map { " value=`\($0)`" } ?? " value=`a list or a section`"
    let place = source == environmentLayerName ? key.environmentName : source
    return "\(key.name) does not take this value\(value) (from \(place)); allowed: \(key.allowed)"
  }

  // MARK: Flags

  private static let flagLayerName = "the command line"

  private var flagLayer: any ConfigProvider {
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    for flag in flags {
      let key = SettingTable.byName[flag.key]
      values[AbsoluteConfigKey(ConfigKey(flag.key))] = ConfigValue(
        .string(flag.value), isSecret: key?.isSecret ?? true)
    }
    return InMemoryProvider(name: Self.flagLayerName, values: values)
  }

  private var flagProblems: [String] {
    flags.compactMap { Self.problem(withName: $0.key, from: Self.flagLayerName) }
  }

  static func problem(withName name: String, from source: String) -> String? {
    if SettingTable.byName[name] != nil { return nil }
    if SettingTable.isOfLaterVersion(name) {
      return "\(name) is not supported by this version (from \(source))"
    }
    let nearest = SettingTable.keys.map(\.name).filter { $0.lowercased() == name.lowercased() }
    return "there is no setting \(name) (from \(source)); "
      + (nearest.first.map { "did you mean \($0)?" }
        ?? "allowed: \(SettingTable.keys.map(\.name).joined(separator: ", "))")
  }

  // MARK: Environment

  private static let environmentLayerName = "the environment"

  /// The library writes `http.publicURL` as `HTTP_PUBLIC_URL`; ours is `ARCHIVE_HTTP_PUBLICURL`, so
  /// that a name can be made from a key without knowing its words.
  private var environmentLayer: any ConfigProvider {
    let secrets = SettingTable.keys.filter(\.isSecret).map(\.environmentName)
    return EnvironmentVariablesProvider(
      environmentVariables: environment, secretsSpecifier: .specific(Set(secrets))
    ).mapKeys { key in
      AbsoluteConfigKey(["archive"] + key.components.map { $0.lowercased() })
    }
  }

  private var environmentProblems: [String] {
    environment.keys.sorted().compactMap { name in
      guard name.hasPrefix("ARCHIVE_"), SettingTable.byEnvironmentName[name] == nil,
        !Self.otherVariables.contains(name),
        !Self.otherPrefixes.contains(where: { name.hasPrefix($0) })
      else { return nil }
      if SettingTable.isOfLaterVersion(environmentName: name) {
        return "\(name) is not supported by this version"
      }
      return "there is no setting for the environment variable \(name); allowed: "
        + SettingTable.keys.map(\.environmentName).joined(separator: ", ")
    }
  }

  // MARK: File

  private var path: String? {
    if let file { return file }
    if let file = environment["ARCHIVE_CONFIG"] { return file }
    return FileManager.default.fileExists(atPath: Self.defaultFile) ? Self.defaultFile : nil
  }
}

/// Notes where the reader found a value, or could not use one. The mutex guards the one field.
private final class SettingSources: AccessReporter {
  struct Source {
    var name = ""
    var hasFailed = false
  }

  private let file: String
  private let last = Mutex(Source())

  init(file: String) { self.file = file }

  func report(_ event: AccessEvent) {
    guard let result = event.providerResults.last else { return }
    let provider = result.providerName
    let name =
      if provider.contains("Environment") { "the environment" } else if provider.contains("File") {
        file
      } else { "the command line" }
    var hasFailed = event.conversionError != nil
    if case .failure = result.result { hasFailed = true }
    last.withLock { [hasFailed] in $0 = Source(name: name, hasFailed: hasFailed) }
  }

  /// Where the last value came from.
  func taken() -> Source {
    last.withLock { last in
      defer { last = Source() }
      return last
    }
  }
}
