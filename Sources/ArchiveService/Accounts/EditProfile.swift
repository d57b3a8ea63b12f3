// Somebody changes what the own account tells.

import ArchiveCore

/// Changes a profile, field by field: two who change different fields at once both succeed.
struct EditProfile: Sendable {
  let users: Collection<User>
  let avatars: Avatars
  let surroundings: Surroundings

  func callAsFunction(_ caller: Caller, _ change: ProfileChange) async throws -> OwnUser {
    let user = try await users.own(caller)
    let changes = try checked(change, of: user)
    guard !changes.isEmpty else { return OwnUser(user) }
    try await changeAvatar(change.avatarFileID, of: user)
    let isMine = Filter.and([.id(user.id.description), .missing("deactivatedAt")])
    // A name is looked for, so what it is found by changes with it.
    if change.name != nil { return OwnUser(try await users.rename(user, where: isMine, changes)) }
    guard let changed = try await users.update(where: isMine, changes) else {
      throw ServiceError(.notSignedIn, "the account is out of use")
    }
    return OwnUser(changed)
  }

  private func changeAvatar(_ patch: Patch<FileID>, of user: User) async throws {
    let old = user.profile.avatarFileID
    let new: FileID? =
      switch patch {
      case .keep: old
      case .remove: nil
      case .set(let id): id
      }
    try await avatars.change(from: old, to: new, of: user.id)
  }

  private func checked(_ change: ProfileChange, of user: User) throws -> [DocumentChange] {
    var errors = FieldErrors()
    var changes: [DocumentChange?] = []
    if let name = change.name {
      changes += [.set("name", .string(DisplayName.cleaned(name, &errors)))]
    }
    if let language = change.language {
      changes.append(.set("language", .string(language.rawValue)))
    }
    changes.append(Self.phone(change.phone, &errors))
    if case .set(let day) = change.birthDate {
      errors.require(
        ProfileRules.isBirthDate(day, at: surroundings.now()), "birthDate",
        "is no day yyyy-mm-dd since 1900")
    }
    changes.append(change.birthDate.change("birthDate") { .string($0) })
    changes.append(change.avatarFileID.change("avatarFileId", \.stored))
    changes += Self.settings(change.settings, of: user, &errors)
    try errors.check()
    return changes.compactMap { $0 }
  }

  private static func phone(_ patch: Patch<String>, _ errors: inout FieldErrors) -> DocumentChange?
  {
    guard case .set(let typed) = patch else { return patch.change("phone") { .string($0) } }
    let phone = ProfileRules.phone(typed)
    errors.require(phone != nil, "phone", "is not 5 to 15 digits, with a + in front or without")
    return phone.map { .set("phone", .string($0)) }
  }

  private static func settings(
    _ settings: [String: SettingValue?], of user: User, _ errors: inout FieldErrors
  ) -> [DocumentChange] {
    ProfileRules.check(settings, &errors)
    var after = user.profile.settings
    var changes: [DocumentChange] = []
    for (name, value) in settings {
      after[name] = value
      guard let path = FieldPath("settings.\(name)") else { continue }
      changes.append(value.map { .set(path, $0.stored) } ?? .unset(path))
    }
    // Settings that are there already and too many may still be removed.
    errors.require(
      after.count <= max(ProfileRules.settingsLimit, user.profile.settings.count - 1), "settings",
      "would be more than \(ProfileRules.settingsLimit)")
    return changes
  }
}
