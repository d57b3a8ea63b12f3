// Who may take back links.

extension RightsTable {
  /// Who sent a file, and admins, see and take back whatever links there are to it.
  static func mayRevokeLinks(to file: StoredFile, _ caller: Caller) -> Bool {
    file.ownerID == caller.userID || caller.role == .admin
  }

  /// Besides them, who made it. Of a file that is gone, an admin or who made it.
  static func mayRevoke(_ link: FileLink, _ file: StoredFile?, _ caller: Caller) -> Bool {
    link.creatorID == caller.userID || caller.role == .admin
      || file.map { mayRevokeLinks(to: $0, caller) } ?? false
  }
}
