// The shapes of accounts, sessions and keys in the OpenAPI document.

extension OpenAPISchemas {
  private static let role: JSONValue = [
    "type": "string", "enum": .list(Role.allCases.map { .text($0.rawValue) }),
  ]
  private static let language: JSONValue = [
    "type": "string", "enum": .list(Language.allCases.map { .text($0.rawValue) }),
  ]
  private static let name: JSONValue = [
    "type": "string", "minLength": 1, "maxLength": 64,
    "description": "Is cleaned; words that mix alphabets of look-alikes are refused.",
  ]
  private static let setting: JSONValue = ["type": ["boolean", "integer", "string"]]
  private static let mailedToken: JSONValue = [
    "type": "string", "description": "As a letter's link carries it.",
  ]

  static let accounts: [String: JSONValue] = [
    "SignUp": input(
      [
        "email": email, "name": name, "password": text(8, 1024), "language": language,
      ], required: ["email", "name", "password"]),
    "SignIn": input(
      ["email": email, "password": text(1, 1024), "device": blankLine(200)],
      required: ["email", "password"]),
    "Refresh": object(["refreshToken": text], required: ["refreshToken"]),
    "SignedIn": object(
      [
        "user": reference("User"), "accessToken": text, "refreshToken": text, "expiresIn": count,
      ], required: ["user", "accessToken", "refreshToken", "expiresIn"]),
    "Confirmation": object(["token": mailedToken], required: ["token"]),
    "ForgottenPassword": object(["email": email], required: ["email"]),
    "NewPassword": object(
      ["token": mailedToken, "password": text(8, 1024)], required: ["token", "password"]),
    "PasswordChange": object(
      ["currentPassword": text(1, 1024), "newPassword": text(8, 1024)],
      required: ["currentPassword", "newPassword"]),
    "Deactivation": object(["password": text(1, 1024)], required: ["password"]),
    "SigningKeys": object(
      ["keys": ["type": "array", "items": ["type": "object"]]], required: ["keys"]),
  ].merging(people) { first, _ in first }

  private static let people: [String: JSONValue] = [
    "User": object(
      [
        "id": id, "email": text, "name": text, "createdAt": time, "role": role,
        "language": language, "emailConfirmedAt": time, "phone": text, "birthDate": date,
        "avatarFileId": id, "settings": ["type": "object", "additionalProperties": setting],
      ], required: ["id", "email", "name", "role", "createdAt", "language", "settings"]),
    "Profile": object(
      [
        "name": orNull(name), "language": orNull(language),
        "phone": ["type": ["string", "null"], "description": "5 to 15 digits; null removes it."],
        "birthDate": ["type": ["string", "null"], "format": "date"],
        "avatarFileId": orNull(id),
        "settings": [
          "type": ["object", "null"], "maxProperties": .number(ProfileRules.settingsLimit),
          "propertyNames": ["pattern": "^[A-Za-z0-9_]{1,64}$"],
          "additionalProperties": [
            "type": ["boolean", "integer", "string", "null"],
            "maxLength": .number(ProfileRules.settingLimitBytes),
          ],
          "description": "Each setting by itself: null removes it, what is not named stays.",
        ],
      ], required: []),
    "PublicUser": object(
      ["id": id, "name": text, "avatarFileId": id], required: ["id", "name"]),
    "Session": object(
      [
        "id": id, "device": text, "address": text, "createdAt": time, "lastSeenAt": time,
        "current": bool, "online": bool,
      ], required: ["id", "createdAt", "lastSeenAt", "current", "online"]),
    "SessionPage": page("Session"),
    "AdministeredUser": object(
      [
        "id": id, "email": text, "name": text, "role": role, "language": language,
        "createdAt": time, "emailConfirmedAt": time, "deactivatedAt": time, "phone": text,
        "avatarFileId": id,
      ], required: ["id", "email", "name", "role", "language", "createdAt"]),
    "AdministeredUserPage": page("AdministeredUser"),
    "UserChange": input(["role": role, "deactivated": bool], required: []),
  ]

  static let accountParameters: [String: JSONValue] = [
    "sessionId": parameter("sessionId", "path", id, "One of your sessions."),
    "token": parameter("token", "query", text, "As the letter carries it."),
    "query": parameter("query", "query", text(1, 200), "What to look for."),
    "role": parameter("role", "query", role, "Only this role."),
    "deactivated": parameter("deactivated", "query", bool, "Only accounts out of use, or in use."),
  ]

  private static let bool: JSONValue = ["type": "boolean"]
  private static let date: JSONValue = ["type": "string", "format": "date"]
}
