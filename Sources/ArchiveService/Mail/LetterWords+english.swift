// The words of each letter in English.

extension LetterWords {
  static func english(_ letter: Letter, _ site: String) -> LetterWords {
    switch letter {
    case .confirmEmail: englishConfirmEmail(site)
    case .resetPassword: englishResetPassword(site)
    case .passwordChanged: englishPasswordChanged(site)
    case .sessionEndedByReuse: englishSessionEndedByReuse(site)
    case .accountDeactivated: englishAccountDeactivated(site)
    case .alert(let title, let lines): LetterWords(subject: "[\(site)] \(title)", before: lines)
    }
  }

  private static func englishConfirmEmail(_ site: String) -> LetterWords {
    LetterWords(
      subject: "Confirm your address for \(site)",
      before: [
        "Somebody, probably you, gave this address to \(site). Open the link to confirm it."
      ],
      action: "Confirm the address",
      after: [
        "The link works once and for a limited time. If it was not you, there is nothing to do."
      ])
  }

  private static func englishResetPassword(_ site: String) -> LetterWords {
    LetterWords(
      subject: "A new password for \(site)",
      before: ["Somebody, probably you, asked for a new password at \(site)."],
      action: "Choose a new password",
      after: [
        "The link works once and for a limited time. If it was not you, there is nothing to do: your password stays as it is."
      ])
  }

  private static func englishPasswordChanged(_ site: String) -> LetterWords {
    LetterWords(
      subject: "Your password at \(site) was changed",
      before: [
        "Your password at \(site) was changed, and all other devices were signed out.",
        "If it was not you, ask for a new password at once.",
      ])
  }

  private static func englishSessionEndedByReuse(_ site: String) -> LetterWords {
    LetterWords(
      subject: "A session at \(site) was ended for your safety",
      before: [
        "A sign-in of yours at \(site) was used from two places at once, as happens when somebody has copied it. "
          + "So it was ended.",
        "Sign in again. If this happens twice, change your password.",
      ])
  }

  private static func englishAccountDeactivated(_ site: String) -> LetterWords {
    LetterWords(
      subject: "Your account at \(site) was deactivated",
      before: [
        "Your account at \(site) was deactivated, and all devices were signed out.",
        "If you did not want that, write to those who run \(site).",
      ])
  }
}
