// The words of each letter, before they are laid out.

/// Subject and paragraphs of a letter: before its link, on its link, and behind it.
struct LetterWords: Sendable {
  let subject: String
  let before: [String]
  /// What the link does; empty where there is none.
  var action = ""
  var after: [String] = []
}
