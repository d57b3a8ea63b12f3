// What letters say, in English and in Russian.

import ArchiveCore

/// A letter in words: a subject, a text, and the same as a page.
///
/// Everything that comes from outside (names, links, lines of alerts) is escaped in the page, and no line of it can
/// begin a header: subjects are one line.
struct LetterText: Sendable, Hashable {
  let subject: String
  let text: String
  let html: String

  /// - Parameter name: of the reader; empty where the address is not known to be theirs.
  init(_ letter: Letter, in language: Language, siteName: String, to name: String = "") {
    let words =
      switch language {
      case .en: LetterWords.english(letter, siteName)
      case .ru: LetterWords.russian(letter, siteName)
      }
    let greeting = name.isEmpty ? nil : Self.greeting(name, language)
    subject = Self.oneLine(words.subject)
    text = Self.plain(words, greeting, letter.link)
    html = Self.page(words, greeting, letter.link, language)
  }

  private static func greeting(_ name: String, _ language: Language) -> String {
    switch language {
    case .en: "Hello \(oneLine(name)),"
    case .ru: "Здравствуйте, \(oneLine(name))!"
    }
  }

  private static func plain(_ words: LetterWords, _ greeting: String?, _ link: String?) -> String {
    let parts =
      [greeting].compactMap(\.self) + words.before + [link].compactMap(\.self) + words.after
    return parts.joined(separator: "\n\n") + "\n"
  }

  private static func page(
    _ words: LetterWords, _ greeting: String?, _ link: String?, _ language: Language
  ) -> String {
    var body = ([greeting].compactMap(\.self) + words.before).map(paragraph)
    if let link {
      let target = escaped(link)
      body.append("<p><a href=\"\(target)\">\(escaped(words.action))</a></p>")
      body.append("<p style=\"color:#666;word-break:break-all\">\(target)</p>")
    }
    body += words.after.map(paragraph)
    return """
      <!doctype html>
      <html lang="\(language.rawValue)">
      <head><meta charset="utf-8"><title>\(escaped(words.subject))</title></head>
      <body style="font-family:sans-serif;max-width:36em;margin:1em auto;line-height:1.5">
      \(body.joined(separator: "\n"))
      </body>
      </html>

      """
  }

  private static func paragraph(_ text: String) -> String { "<p>\(escaped(text))</p>" }

  /// For text and for attributes in double quotes.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// Without line ends and other controls.
  static func oneLine(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator: " "
          default: scalar
          }
        }))
  }
}
