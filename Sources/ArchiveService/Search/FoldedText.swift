// Text as search sees it: without case, accents and other differences that people do not type.

import Foundation

/// A text in the form in which queries and what they look for are compared.
///
/// NFKD, case taken away through upper case and back (so ß is ss, ς is σ and ı is i), accents dropped
/// (so é is e and ё is е), white space as single spaces, nothing invisible. The breve of й stays, because there
/// it makes another letter. Both sides are folded by the same rule, so what matters is only that it is one.
struct FoldedText: Sendable, Hashable {
  let scalars: [Unicode.Scalar]

  /// - Parameter limit: scalars that are kept; the rest of a longer text is not found.
  init(_ text: String, limit: Int = 256) {
    let cased = text.decomposedStringWithCompatibilityMapping.uppercased().lowercased()
      .decomposedStringWithCompatibilityMapping
    var folded: [Unicode.Scalar] = []
    for scalar in cased.unicodeScalars {
      guard folded.count < limit else { break }
      if scalar.properties.isWhitespace {
        if let last = folded.last, last != " " { folded.append(" ") }
      } else if scalar == "\u{306}", folded.last == "и" {
        folded[folded.count - 1] = "й"
      } else if !Self.isDropped(scalar) {
        folded.append(scalar == "ς" ? "σ" : scalar)
      }
    }
    if folded.last == " " { folded.removeLast() }
    scalars = folded
  }

  var text: String { Self.text(scalars[...]) }

  static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// The places where the word begins in this text.
  func places(of word: [Unicode.Scalar]) -> [Int] {
    guard !word.isEmpty, word.count <= scalars.count else { return [] }
    return (0...(scalars.count - word.count)).filter {
      scalars[$0...].starts(with: word)
    }
  }

  /// Whether a word begins at this place: before it is no letter and no digit.
  func isWordStart(_ place: Int) -> Bool {
    guard scalars.indices.contains(place), Self.isOfWord(scalars[place]) else { return false }
    return place == 0 || !Self.isOfWord(scalars[place - 1])
  }

  private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || scalar.properties.numericType != nil
  }

  /// Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic; and what nobody sees.
  private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x300...0x36F, 0x591...0x5BD, 0x5BF, 0x5C1...0x5C2, 0x64B...0x65F: true
    default:
      [.control, .format].contains(scalar.properties.generalCategory)
        || scalar.properties.isDefaultIgnorableCodePoint
    }
  }
}

/// What somebody looks for: words, of which each must be somewhere in what is found.
struct SearchQuery: Sendable {
  let words: [[Unicode.Scalar]]

  static let limitScalars = 200

  /// Throws for a query that is missing, too long, or of nothing that can be found.
  init(_ text: String?) throws {
    let text = text ?? ""
    guard text.utf8.count <= 4 * Self.limitScalars,
      text.unicodeScalars.count <= Self.limitScalars
    else {
      throw ServiceError.field("query", "is longer than \(Self.limitScalars) characters")
    }
    words = FoldedText(text).scalars.split(separator: " ").map(Array.init)
    guard !words.isEmpty else { throw ServiceError.field("query", "is empty") }
  }

  /// The word that leaves the least to look at: the longest.
  var rarest: [Unicode.Scalar] {
    words.max { $0.count < $1.count } ?? []
  }

  /// Whether each word is in one of the texts.
  func matches(_ texts: [FoldedText]) -> Bool {
    words.allSatisfy { word in texts.contains { !$0.places(of: word).isEmpty } }
  }
}
