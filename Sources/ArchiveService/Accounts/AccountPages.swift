// The pages that the links of letters lead to.

import Foundation

/// Two small pages without scripts: one confirms an address, one sets a new password.
///
/// Opening a link does nothing; a button does. Programs that look at mail open every link in it, and would use it up.
enum AccountPages {
  /// What a page is about.
  enum Purpose: Sendable {
    case confirmEmail, resetPassword
  }

  /// What it says now.
  enum State: Sendable {
    /// The token comes from the link and is known to have the shape of one.
    case form(token: String)
    case done
    /// What is wrong, for the reader; with a token one may try again.
    case failed(Failure, token: String?)
  }

  enum Failure: Sendable {
    case invalidLink, weakPassword, busy
  }

  static func html(_ purpose: Purpose, _ state: State, in language: Language) -> String {
    let words = Words(purpose, language)
    let body =
      switch state {
      case .form(let token): form(purpose, token, words)
      case .done: paragraph(words.done)
      case .failed(let failure, let token):
        paragraph(words.text(of: failure)) + (token.map { form(purpose, $0, words) } ?? "")
      }
    return """
      <!doctype html>
      <html lang="\(language.rawValue)">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(words.title)</title>
      \(styles)
      <body class="door">
      <main>
      <h1>\(words.title)</h1>
      \(body)
      <p><a href="/">\(words.chat)</a></p>
      </main>
      </body>
      </html>

      """
  }

  /// The web page's own.
  private static let styles = WebPage.embedded.styles(["system", "base", "controls", "panels"])

  /// A token has letters, digits, `-` and `_` alone, so nothing needs to be escaped.
  private static func form(_ purpose: Purpose, _ token: String, _ words: Words) -> String {
    let password =
      purpose == .resetPassword
      ? """
      <div class="field"><label for="password">\(words.password)</label>
      <input id="password" type="password" name="password" autocomplete="new-password" minlength="8" maxlength="1024" required></div>

      """ : ""
    return """
      <form class="form" method="post">
      <input type="hidden" name="token" value="\(token)">
      \(password)<div class="form-acts"><button class="button primary">\(words.button)</button></div>
      </form>
      """
  }

  private static func paragraph(_ text: String) -> String { "<p role=\"status\">\(text)</p>\n" }
}

extension AccountPages {
  /// The words of one page; none of them needs to be escaped.
  private struct Words {
    let title, button, done: String
    private let language: Language

    init(_ purpose: Purpose, _ language: Language) {
      self.language = language
      (title, button, done) =
        switch (purpose, language) {
        case (.confirmEmail, .en):
          ("Confirm your address", "Confirm", "Thank you, the address is confirmed.")
        case (.confirmEmail, .ru):
          ("Подтверждение адреса", "Подтвердить", "Спасибо, адрес подтверждён.")
        case (.resetPassword, .en):
          (
            "A new password", "Set the password",
            "The password is set. All your sessions have ended; sign in with the new one."
          )
        case (.resetPassword, .ru):
          (
            "Новый пароль", "Сохранить пароль",
            "Пароль сохранён. Все ваши сеансы завершены, войдите с новым паролем."
          )
        }
    }

    var password: String {
      switch language {
      case .en: "New password, 8 characters or more"
      case .ru: "Новый пароль, не короче 8 символов"
      }
    }

    var chat: String {
      switch language {
      case .en: "To the chat"
      case .ru: "К чату"
      }
    }

    func text(of failure: Failure) -> String {
      switch (failure, language) {
      case (.invalidLink, .en): "This link is not valid any more. Ask for a new letter."
      case (.invalidLink, .ru): "Эта ссылка больше не действует. Запросите новое письмо."
      case (.weakPassword, .en): "The password must be 8 to 1024 bytes long."
      case (.weakPassword, .ru): "Длина пароля должна быть от 8 до 1024 байтов."
      case (.busy, .en): "That did not work just now. Try again in a minute."
      case (.busy, .ru): "Сейчас не получилось. Попробуйте через минуту."
      }
    }
  }
}
