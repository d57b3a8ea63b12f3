// The addresses of archives and of their verification.

import HTTPTypes

extension Endpoint {
  var archiveDescription: Description {
    let (tag, archive) = ("Administration", "/api/admin/archives/{id}")
    switch self {
    case .listArchives:
      return Description(
        .get, "/api/admin/archives", tag,
        "Conversations of all people, without what was said; the newest first, and those of one "
          + "person by their last activity. A page may be short while there is a next one",
        query: [
          "archivePerson", "archiveKind", "archiveFrom", "archiveBefore", "archiveLimit", "cursor",
        ], answers: [(200, "ArchivedConversationPage", "A page.")])
    case .showArchive:
      return Description(
        .get, archive, tag, "One conversation, its members, and how large its archive is",
        answers: [(200, "ArchivedConversation", "The conversation.")])
    case .listSegments:
      return Description(
        .get, archive + "/segments", tag, "The segments of a conversation in order",
        query: ["segmentLimit", "cursor"], answers: [(200, "SegmentPage", "A page.")])
    case .downloadSegment:
      return Description(
        .get, archive + "/segments/{firstSeq}/content", tag,
        "The bytes of a segment as they lie in the object store, for `zcat`. It is audited",
        answers: [(200, "application/gzip", "Gzip members, one behind another.")])
    default:
      return Description(
        .get, archive + "/content", tag,
        "Every entry of a conversation up to now, archived or not, as it is stored. It is audited",
        answers: [(200, "application/jsonl", "One entry per line.")])
    }
  }

  var verificationDescription: Description {
    let (tag, path) = ("Administration", "/api/admin/verifications")
    switch self {
    case .beginVerification:
      return Description(
        .post, path, tag,
        "Verify the archive of one conversation, or everything, in the background",
        takes: "NewVerification", answers: [(202, "Verification", "It will be done.")])
    case .listVerifications:
      return Description(
        .get, path, tag, "Verifications of the last 30 days, the newest first",
        query: ["archiveLimit", "cursor"], answers: [(200, "VerificationPage", "A page.")])
    case .showVerification:
      return Description(
        .get, path + "/{id}", tag, "How far a verification is, and what it found",
        answers: [(200, "Verification", "The verification.")])
    default:
      return Description(
        .delete, path + "/{id}", tag, "Call a verification off; one that is over stays as it is",
        answers: [(204, nil, "It will end.")])
    }
  }
}
