// How what is about archives is put together.

import ArchiveCore

/// The parts of the service that look after archives, made once.
struct ArchiveParts: Sendable {
  let handlers: ArchiveHandlers
  /// To be run in the background.
  let verifications: VerificationWork

  init(
    _ common: AccountParts.Surrounding, log: ConversationLog, activity: ActivityRecorder,
    callers: Callers
  ) {
    let (documents, settings) = (common.documents, common.settings)
    verifications = VerificationWork(
      verifier: log.catalog.verifier, documents: documents, settings: settings.archives,
      surroundings: common.surroundings, logger: common.logger)
    handlers = ArchiveHandlers(
      listArchives: ListArchives(
        documents: documents, log: log, activity: activity, settings: settings.archives),
      readArchive: ReadArchive(
        documents: documents, log: log, activity: activity, audit: common.audit,
        callers: callers, settings: settings),
      verifyArchives: VerifyArchives(
        documents: documents, log: log, audit: common.audit, work: verifications,
        settings: settings.archives, surroundings: common.surroundings),
      audit: common.audit, settings: settings.archives,
      bodyLimitBytes: settings.http.bodyLimitBytes)
  }
}
