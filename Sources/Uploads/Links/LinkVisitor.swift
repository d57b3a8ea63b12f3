// Requests that nobody asked for.

/// Whether a request for a file comes from somebody who wants it.
///
/// Chat programs fetch every address that is sent, to show what it is; browsers fetch ahead. Neither may use up a link,
/// so one with a limited number of uses answers them as it answers HEAD, without the file.
package enum LinkVisitor: Sendable, Equatable {
  case reader
  /// The browser itself says that nobody has asked yet.
  case prefetch
  /// A program that shows what an address leads to.
  case previewBot

  /// Parts of the names of programs that fetch addresses to show what they are, in lower case.
  private static let bots = [
    "telegrambot", "whatsapp/", "facebookexternalhit", "facebot", "twitterbot", "slackbot",
    "slack-imgproxy", "discordbot", "linkedinbot", "skypeuripreview", "microsoftpreview", "vkshare",
    "snap url preview", "redditbot", "pinterestbot", "mattermost-bot", "matrix-media",
    "synapse (bot",
    "mastodon/", "iframely", "embedly", "bitlybot", "googlebot", "bingbot", "yandexbot",
    "applebot", "line-poker", "kakaotalk-scrap", "zoombot", "bluesky cardyb",
  ]
  private static let limitBytes = 1 << 10

  /// - Parameter value: the first value of a header field, or `nil`.
  package init(_ value: (_ name: String) -> String?) {
    let purposes = ["Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"].compactMap(value)
    let isAhead = purposes.contains { purpose in
      let text = String(purpose.prefix(Self.limitBytes)).lowercased()
      return ["prefetch", "prerender", "preview"].contains { text.contains($0) }
    }
    let agent = String((value("User-Agent") ?? "").prefix(Self.limitBytes)).lowercased()
    let isBot = Self.bots.contains { agent.contains($0) }
    self = isAhead ? .prefetch : isBot ? .previewBot : .reader
  }

  package var wantsFile: Bool { self == .reader }
}
