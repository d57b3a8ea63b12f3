// What a person may be called: no invisible characters, no letters that pretend to be others.

import Foundation

/// Cleans the names of users.
///
/// What one cannot see, or what only looks different, is put right: the text is brought into NFKC (so 𝓐𝓭𝓪 and Ａｄａ
/// are Ada), white space becomes single spaces, characters without a look of their own go (RFC 8266 does the same
/// with nicknames). What remains doubtful is refused: control characters, code points without a meaning, heaps of
/// marks on one letter, and words that mix alphabets of look-alikes (UTS 39, «highly restrictive», for each word: so
/// «Анна Smith» is a name, and «Аdmin» with a Cyrillic А is none).
enum DisplayName {
  private static let (limitBytes, limitScalars, limitMarks) = (256, 64, 4)

  /// The name as it is kept. What is wrong with it is noted under the field `name`; then the answer is of no use.
  static func cleaned(_ typed: String, _ errors: inout FieldErrors) -> String {
    let isShort = typed.utf8.count <= limitBytes * 4
    errors.require(isShort, "name", "is longer than \(limitScalars) characters")
    guard isShort else { return typed }
    let name = visible(typed.precomposedStringWithCompatibilityMapping)
    check(name, typed, &errors)
    return name
  }

  /// Code points that stand for no character.
  static func isMeaningless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .unassigned, .privateUse, .surrogate: true
    default: scalar.properties.isNoncharacterCodePoint
    }
  }

  private static func check(_ name: String, _ typed: String, _ errors: inout FieldErrors) {
    let scalars = name.unicodeScalars
    let isShort = name.utf8.count <= limitBytes && scalars.count <= limitScalars
    errors.require(isShort, "name", "is longer than \(limitScalars) characters")
    guard isShort else { return }
    let isClear = !typed.unicodeScalars.contains {
      isMeaningless($0) && !$0.properties.isWhitespace
    }
    errors.require(isClear, "name", "contains control characters, or code points of no character")
    errors.require(!isBlank(scalars), "name", "is empty")
    errors.require(!hasHeap(scalars), "name", "has more than \(limitMarks) marks on one letter")
    errors.require(
      words(of: scalars).allSatisfy { !Script.isMixture($0) }, "name",
      "mixes letters of several alphabets in one word")
  }

  // MARK: What can be seen

  /// Single spaces, none at the ends, and nothing that has no look.
  private static func visible(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var wantsSpace = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isWhitespace || scalar == blankPattern {
        wantsSpace = !result.isEmpty
      } else if !scalar.properties.isDefaultIgnorableCodePoint && !isFormat(scalar)
        || isNeeded(scalar, behind: wantsSpace ? nil : result.last)
      {
        if wantsSpace { result.append(" ") }
        wantsSpace = false
        result.append(scalar)
      }
    }
    while let last = result.last, isJoiner(last) { result.removeLast() }
    return String(result)
  }

  /// The pattern of braille without a dot looks like a space and is none.
  private static let blankPattern: Unicode.Scalar = "\u{2800}"

  private static func isFormat(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .format
  }

  private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\u{200C}" || scalar == "\u{200D}"
  }

  /// Invisible characters that change what is seen: joiners behind a virama (RFC 5892 A.1 and A.2), as Sinhala
  /// writes Sri, and between Arabic letters; joiners and the choice of colour inside emoji.
  private static func isNeeded(_ scalar: Unicode.Scalar, behind last: Unicode.Scalar?) -> Bool {
    guard let last else { return false }
    if isJoiner(scalar), last.properties.canonicalCombiningClass == .virama { return true }
    if scalar == "\u{200C}" { return Script(of: last) == .arabic }
    let isEmoji =
      last.value > 0xFF && last.properties.isEmoji || last.properties.isEmojiModifier
      || last == "\u{FE0F}"
    return isEmoji && (scalar == "\u{200D}" || scalar == "\u{FE0F}" && last != "\u{FE0F}")
  }

  private static func isBlank(_ scalars: String.UnicodeScalarView) -> Bool {
    scalars.allSatisfy { isMark($0) || $0.properties.isWhitespace }
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .spacingMark: true
    default: false
    }
  }

  /// UTS 39 5.4: more than four marks on one letter hide what stands there and around.
  private static func hasHeap(_ scalars: String.UnicodeScalarView) -> Bool {
    var count = 0
    for scalar in scalars {
      count = scalar.properties.generalCategory == .nonspacingMark ? count + 1 : 0
      if count > limitMarks { return true }
    }
    return false
  }

  /// What lies between white space and dashes; a name has few of them.
  private static func words(of scalars: String.UnicodeScalarView)
    -> [Substring.UnicodeScalarView]
  {
    scalars.split {
      $0.properties.isWhitespace || $0.properties.generalCategory == .dashPunctuation
    }
  }
}
