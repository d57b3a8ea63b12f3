// The name of a file, as people see it and as disks take it.

import Foundation

/// The name that a sender gave a file, cleaned for display, and in forms that headers, addresses and disks take.
///
/// It is never part of a key or a path of ours: files are stored under their ids. One name has one form, whatever the
/// system that it comes from: folders are cut off, the text is in NFC, and nothing in it is invisible, turns the
/// direction of writing, or hides the ending. Else it is as it was sent, in any script.
package struct FileName: Sendable, Hashable, CustomStringConvertible {
  /// What the file systems in use take, in UTF-8.
  package static let limitBytes = 255
  /// The part behind the last dot is kept when a name is shortened, up to this length.
  private static let endingLimitBytes = 32
  /// Of a longer name only the end is looked at, which holds the name itself: normalising takes the square of the number
  /// of marks on one letter.
  private static let sentLimitScalars = 4 << 10

  /// For display. Never empty.
  package let text: String

  /// - Parameters:
  ///   - sent: as it came, of any length, with any characters.
  ///   - kind: what the file is; gives the ending of a name that nothing is left of.
  package init(_ sent: String, kind: FileKind = .unknown) {
    let scalars = sent.unicodeScalars.suffix(Self.sentLimitScalars)
    let last = scalars.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last
    // Blanks are put right before the forbidden ones go, and again behind: either may uncover the other.
    let visible = last.map(Self.visible) ?? String.UnicodeScalarView()
    let cleaned = Self.trimmed(String(visible).precomposedStringWithCanonicalMapping)
    let short = Self.trimmed(Self.shortened(cleaned, limitBytes: Self.limitBytes))
    text = short.isEmpty ? Self.fallback(kind) : short
  }

  package var description: String { text }

  /// What is behind the last dot, in lower case and without the dot; `nil` where there is none.
  package var ending: String? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, let last = parts.last, !last.isEmpty else { return nil }
    return last.lowercased()
  }

  /// As one segment of an address.
  package var pathSegment: String { PercentText.segment(text) }

  private static func fallback(_ kind: FileKind) -> String {
    kind.ending.map { "file.\($0)" } ?? "file"
  }

  /// Without what cannot be seen, runs of blanks as one.
  private static func visible(_ scalars: Substring.UnicodeScalarView) -> String.UnicodeScalarView {
    var result = String.UnicodeScalarView()
    var blank: Unicode.Scalar?
    for scalar in scalars {
      if scalar.properties.isWhitespace {
        // A run of blanks pushes the ending out of sight.
        blank = blank == nil && scalar.properties.generalCategory == .spaceSeparator ? scalar : " "
      } else if !isHidden(scalar, behind: result.last) {
        if let blank, !result.isEmpty { result.append(blank) }
        blank = nil
        result.append(scalar)
      }
    }
    return result
  }

  /// Controls, bidirectional controls (UTS 55, 3.1), zero-width characters, and code points of no character. Joiners stay
  /// where letters or emoji are before them: Persian words and families are written with them.
  private static func isHidden(_ scalar: Unicode.Scalar, behind last: Unicode.Scalar?) -> Bool {
    let properties = scalar.properties
    if scalar == "\u{200C}" || scalar == "\u{200D}" {
      return last.map { $0.value < 0x80 || $0 == "\u{200C}" || $0 == "\u{200D}" } ?? true
    }
    switch properties.generalCategory {
    case .control, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator: return true
    // Tags spell the flags of England, Scotland and Wales.
    case .format: return !(0xE0020...0xE007F).contains(scalar.value) || last == nil
    default: break
    }
    // Fillers and the pattern of Braille without dots look like blanks and are none.
    return properties.isNoncharacterCodePoint || fillers.contains(scalar)
  }

  private static let fillers: Set<Unicode.Scalar> = [
    "\u{115F}", "\u{1160}", "\u{3164}", "\u{FFA0}", "\u{2800}", "\u{034F}", "\u{17B4}", "\u{17B5}",
    "\u{FFFC}",
  ]

  /// Without blanks at both ends, and without dots at the end: Windows drops them, so `x.exe.` is a program.
  static func trimmed(_ text: String) -> String {
    var scalars = text.unicodeScalars[...]
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace || last == "." {
      scalars.removeLast()
    }
    return String(scalars)
  }

  /// Shortens the part before the ending, between two characters.
  static func shortened(_ text: String, limitBytes: Int) -> String {
    guard text.utf8.count > limitBytes else { return text }
    let dot = text.lastIndex(of: ".")
    let ending = dot.map { text[$0...] } ?? ""
    let isEnding = ending.utf8.count <= min(endingLimitBytes, limitBytes / 2)
    let stem = isEnding ? text.dropLast(ending.count) : text[...]
    return beginning(stem, limitBytes: limitBytes - (isEnding ? ending.utf8.count : 0))
      + (isEnding ? ending : "")
  }

  /// Whole characters; of one that has more marks than room, whole code points.
  private static func beginning(_ text: Substring, limitBytes: Int) -> String {
    var (result, bytes) = ("", 0)
    for character in text {
      let size = character.utf8.count
      guard bytes + size <= limitBytes else { break }
      result.append(character)
      bytes += size
    }
    guard result.isEmpty else { return result }
    for scalar in text.unicodeScalars {
      guard result.utf8.count + String(scalar).utf8.count <= limitBytes else { break }
      result.unicodeScalars.append(scalar)
    }
    return result
  }
}
