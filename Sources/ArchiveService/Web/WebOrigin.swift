// Where an address leads: its scheme, host and port.

import ArchiveCore

/// The beginning of an address up to its path, in the few characters that may stand in a policy.
struct WebOrigin: Sendable, Hashable {
  let text: String

  /// `nil` for what is no address, and for one whose host needs other characters.
  init?(of address: String) {
    let lower = address.lowercased()
    guard let scheme = ["https://", "http://"].first(where: { lower.hasPrefix($0) }) else {
      return nil
    }
    let host = lower.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    let isPlain = host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
      default: ".-:[]".utf8.contains(byte)
      }
    }
    guard !host.isEmpty, isPlain else { return nil }
    text = scheme + host
  }
}

extension WebOrigin {
  /// Where browsers are sent for whole files; `nil` where all bytes go through this server.
  init?(ofFilesAt direct: DirectAddress?, _ settings: ServiceSettings.Links) {
    guard settings.redirects, let direct, let key = ObjectKey("files/any") else { return nil }
    let download = DirectDownload(
      key: key, contentType: "image/png", disposition: "inline", lifetime: settings.redirectLifetime
    )
    do {
      self.init(of: try direct(download))
    } catch {
      // Whoever fetches a file is told the same, with the reason.
      return nil
    }
  }
}
