// What an operator should hear of without asking.

/// A trouble that is told by mail. It holds no names, texts or addresses of users.
enum OperatorAlert: Sendable, Hashable {
  /// Nothing could be archived that long.
  case flushFailing(failures: Int, minutes: Int)
  /// A store does not answer.
  case storeDown(Store, reason: String)
  case diskNearlyFull(freeMiB: Int)
  /// Many sign-ins failed.
  case signInAttack(failures: Int, accounts: Int, addresses: Int, minutes: Int)
  /// Letters could not be sent in all their time.
  case lettersGivenUp(kind: String)

  enum Store: String, Sendable, Hashable, CaseIterable {
    case documents, objects
  }

  /// Troubles with the same key are one trouble, told once.
  var key: String {
    switch self {
    case .flushFailing: "flushFailing"
    case .storeDown(let store, _): "storeDown/\(store.rawValue)"
    case .diskNearlyFull: "diskNearlyFull"
    case .signInAttack: "signInAttack"
    case .lettersGivenUp: "lettersGivenUp"
    }
  }

  /// Whether its end is noticed, and told too.
  var ends: Bool {
    switch self {
    case .flushFailing, .storeDown, .diskNearlyFull: true
    case .signInAttack, .lettersGivenUp: false
    }
  }

  /// One with that key, for its title alone.
  static func sample(key: String) -> OperatorAlert? {
    let all: [OperatorAlert] =
      [
        .flushFailing(failures: 0, minutes: 0), .diskNearlyFull(freeMiB: 0),
        .signInAttack(failures: 0, accounts: 0, addresses: 0, minutes: 0),
        .lettersGivenUp(kind: ""),
      ] + Store.allCases.map { .storeDown($0, reason: "") }
    return all.first { $0.key == key }
  }

  func words(in language: Language) -> AlertWords {
    switch language {
    case .en: AlertWords(english: self)
    case .ru: AlertWords(russian: self)
    }
  }
}

/// A trouble in words.
struct AlertWords: Sendable, Hashable {
  let title: String
  let lines: [String]
}

extension AlertWords {
  init(english alert: OperatorAlert) {
    switch alert {
    case .flushFailing(let failures, let minutes):
      title = "Messages cannot be archived"
      lines = [
        "Archiving has failed \(failures) times in a row, for \(minutes) minutes.",
        "Nothing is lost: messages wait in the document store, up to archive.bufferLimit; then sends are refused.",
        "Run archive-service doctor; it says what is wrong and what mends it.",
      ]
    case .storeDown(let store, let reason):
      title = store == .documents ? "The document store is down" : "The object store is down"
      lines = [
        "The server says: \(reason).",
        store == .documents
          ? "The chat cannot be used until it answers again."
          : "Messages wait in the document store until it answers again; older ones cannot be read.",
        "Run archive-service doctor; it says what is wrong and what mends it.",
      ]
    case .diskNearlyFull(let freeMiB):
      title = "The disk is nearly full"
      lines = [
        "\(freeMiB) MiB are free where data.directory lies.",
        "When nothing is free, messages are refused. Make room.",
      ]
    case .signInAttack(let failures, let accounts, let addresses, let minutes):
      title = "Somebody is guessing passwords"
      lines = [
        "At least \(failures) sign-ins failed within \(minutes) minutes, on \(accounts) known accounts and from "
          + "\(addresses) addresses.",
        "Guessing is slowed down by itself. The audit log (GET /api/admin/audit?kind=signInFailed) tells more.",
      ]
    case .lettersGivenUp(let kind):
      title = "Letters could not be sent"
      lines = [
        "A letter (\(kind)) was given up, because it could not be sent in all its time.",
        "Look for «letters cannot be sent» in the log, and run archive-service doctor.",
      ]
    }
  }

  init(russian alert: OperatorAlert) {
    switch alert {
    case .flushFailing(let failures, let minutes):
      title = "Сообщения не попадают в архив"
      lines = [
        "Архивирование не удалось \(failures) раз подряд, в течение \(minutes) мин.",
        "Ничего не потеряно: сообщения ждут в хранилище документов, пока хватает archive.bufferLimit; потом отправка будет отклоняться.",
        "Запустите archive-service doctor: он скажет, что не так и как это исправить.",
      ]
    case .storeDown(let store, let reason):
      title =
        store == .documents ? "Хранилище документов не отвечает" : "Хранилище объектов не отвечает"
      lines = [
        "Сервер сообщает: \(reason).",
        store == .documents
          ? "Пока оно не ответит, чат не работает."
          : "Пока оно не ответит, сообщения ждут в хранилище документов; старые прочитать нельзя.",
        "Запустите archive-service doctor: он скажет, что не так и как это исправить.",
      ]
    case .diskNearlyFull(let freeMiB):
      title = "Диск почти заполнен"
      lines = [
        "Там, где лежит data.directory, свободно \(freeMiB) МиБ.",
        "Когда место кончится, сообщения будут отклоняться. Освободите место.",
      ]
    case .signInAttack(let failures, let accounts, let addresses, let minutes):
      title = "Кто-то подбирает пароли"
      lines = [
        "Не менее \(failures) неудачных попыток входа за \(minutes) мин.: известных учётных записей — \(accounts), "
          + "адресов — \(addresses).",
        "Подбор замедляется сам собой. Подробности — в журнале аудита (GET /api/admin/audit?kind=signInFailed).",
      ]
    case .lettersGivenUp(let kind):
      title = "Письма не удалось отправить"
      lines = [
        "Письмо (\(kind)) так и не удалось отправить за отведённое время.",
        "Найдите в журнале «letters cannot be sent» и запустите archive-service doctor.",
      ]
    }
  }

  /// That a trouble of that title is over.
  init(over title: String, in language: Language) {
    switch language {
    case .en:
      self.init(title: "Over: \(title)", lines: ["Nobody has met this trouble for some minutes."])
    case .ru:
      self.init(
        title: "Прошло: \(title)", lines: ["Эта неполадка уже несколько минут не встречается."])
    }
  }
}
