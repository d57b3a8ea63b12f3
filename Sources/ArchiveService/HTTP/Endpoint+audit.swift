// The addresses of the audit log.

import HTTPTypes

extension Endpoint {
  private static let auditFilters = [
    "auditKind", "auditActor", "auditSubject", "auditConversation", "auditFrom", "auditBefore",
  ]

  var auditDescription: Description {
    let tag = "Administration"
    switch self {
    case .listAudit:
      return Description(
        .get, "/api/admin/audit", tag, "The audit log, newest first",
        query: Self.auditFilters + ["limit", "cursor"], answers: [(200, "AuditPage", "A page.")])
    default:
      return Description(
        .get, "/api/admin/audit/export", tag,
        "The audit log up to now, oldest first, as JSON Lines", query: Self.auditFilters,
        answers: [(200, "application/jsonl", "One entry per line.")])
    }
  }
}
