// The words of each letter in Russian.

extension LetterWords {
  static func russian(_ letter: Letter, _ site: String) -> LetterWords {
    switch letter {
    case .confirmEmail: russianConfirmEmail(site)
    case .resetPassword: russianResetPassword(site)
    case .passwordChanged: russianPasswordChanged(site)
    case .sessionEndedByReuse: russianSessionEndedByReuse(site)
    case .accountDeactivated: russianAccountDeactivated(site)
    case .alert(let title, let lines): LetterWords(subject: "[\(site)] \(title)", before: lines)
    }
  }

  private static func russianConfirmEmail(_ site: String) -> LetterWords {
    LetterWords(
      subject: "Подтвердите адрес для «\(site)»",
      before: [
        "Кто-то, вероятно вы, указал этот адрес на сайте «\(site)». Откройте ссылку, чтобы подтвердить его."
      ],
      action: "Подтвердить адрес",
      after: [
        "Ссылка действует один раз и ограниченное время. Если это были не вы, ничего делать не нужно."
      ])
  }

  private static func russianResetPassword(_ site: String) -> LetterWords {
    LetterWords(
      subject: "Новый пароль для «\(site)»",
      before: ["Кто-то, вероятно вы, запросил новый пароль на сайте «\(site)»."],
      action: "Задать новый пароль",
      after: [
        "Ссылка действует один раз и ограниченное время. Если это были не вы, ничего делать не нужно: пароль останется прежним."
      ])
  }

  private static func russianPasswordChanged(_ site: String) -> LetterWords {
    LetterWords(
      subject: "Ваш пароль на «\(site)» изменён",
      before: [
        "Ваш пароль на сайте «\(site)» был изменён, и на всех остальных устройствах выполнен выход.",
        "Если это были не вы, сразу запросите новый пароль.",
      ])
  }

  private static func russianSessionEndedByReuse(_ site: String) -> LetterWords {
    LetterWords(
      subject: "Сеанс на «\(site)» завершён ради вашей безопасности",
      before: [
        "Один из ваших сеансов на сайте «\(site)» использовался из двух мест сразу: так бывает, когда его кто-то скопировал. "
          + "Поэтому он завершён.",
        "Войдите снова. Если это повторится, смените пароль.",
      ])
  }

  private static func russianAccountDeactivated(_ site: String) -> LetterWords {
    LetterWords(
      subject: "Ваша учётная запись на «\(site)» отключена",
      before: [
        "Ваша учётная запись на сайте «\(site)» отключена, и на всех устройствах выполнен выход.",
        "Если вы этого не хотели, напишите тем, кто ведёт «\(site)».",
      ])
  }
}
