// Which writing system a letter belongs to, as far as it matters for look-alikes.

/// The scripts whose letters are taken for one another, and those that are written together.
///
/// The ranges are those of Unicode's blocks, which is coarser than its property «Script» and as good here: only
/// letters are asked for, and everything else is `other`.
enum Script: Sendable {
  case latin, greek, cyrillic, armenian, hebrew, arabic, georgian, cherokee, coptic, lisu
  case bopomofo, hangul, han, hiragana, katakana
  /// Any script that is not in this list. Two of them are not told apart.
  case other

  private static let table: [(range: ClosedRange<UInt32>, script: Script)] = [
    (0x41...0x24F, .latin), (0x250...0x2AF, .latin), (0x370...0x3E1, .greek),
    (0x3E2...0x3EF, .coptic), (0x3F0...0x3FF, .greek), (0x400...0x52F, .cyrillic),
    (0x530...0x58F, .armenian), (0x590...0x5FF, .hebrew), (0x600...0x6FF, .arabic),
    (0x750...0x77F, .arabic), (0x870...0x8FF, .arabic), (0x10A0...0x10FF, .georgian),
    (0x1100...0x11FF, .hangul), (0x13A0...0x13FF, .cherokee), (0x1C80...0x1C8F, .cyrillic),
    (0x1C90...0x1CBF, .georgian), (0x1D00...0x1DBF, .latin), (0x1E00...0x1EFF, .latin),
    (0x1F00...0x1FFF, .greek), (0x2C60...0x2C7F, .latin), (0x2C80...0x2CFF, .coptic),
    (0x2D00...0x2D2F, .georgian), (0x2DE0...0x2DFF, .cyrillic), (0x2E80...0x2FDF, .han),
    (0x3005...0x3007, .han), (0x3040...0x309F, .hiragana), (0x30A0...0x30FF, .katakana),
    (0x3100...0x312F, .bopomofo), (0x3130...0x318F, .hangul), (0x31A0...0x31BF, .bopomofo),
    (0x31F0...0x31FF, .katakana), (0x3400...0x9FFF, .han), (0xA4D0...0xA4FF, .lisu),
    (0xA640...0xA69F, .cyrillic), (0xA720...0xA7FF, .latin), (0xA960...0xA97F, .hangul),
    (0xAB30...0xAB6F, .latin), (0xAB70...0xABBF, .cherokee), (0xAC00...0xD7FF, .hangul),
    (0xF900...0xFAFF, .han), (0xFB50...0xFDFF, .arabic), (0xFE70...0xFEFF, .arabic),
    (0x20000...0x323AF, .han),
  ]

  /// `nil` for what is no letter: digits, marks and signs go with every script.
  init?(of scalar: Unicode.Scalar) {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: break
    default: return nil
    }
    // The long vowel sign of Japanese goes with both of its syllabaries, the ordinals of Latin with everything.
    if [0x30FC, 0xAA, 0xBA].contains(scalar.value) { return nil }
    let known = Self.table.first { $0.range.contains(scalar.value) }?.script
    // Such as the letter that Ukrainian writes as an apostrophe.
    if known == nil, scalar.properties.generalCategory == .modifierLetter { return nil }
    self = known ?? .other
  }

  /// What one word may mix: UTS 39's «highly restrictive».
  private static let families: [Set<Script>] = [
    [.latin, .han, .hiragana, .katakana], [.latin, .han, .bopomofo], [.latin, .han, .hangul],
  ]

  /// Whether the letters of a word come from scripts that are not written together.
  static func isMixture(_ word: Substring.UnicodeScalarView) -> Bool {
    let scripts = Set(word.compactMap { Script(of: $0) })
    return scripts.count > 1 && !families.contains { scripts.isSubset(of: $0) }
  }
}
