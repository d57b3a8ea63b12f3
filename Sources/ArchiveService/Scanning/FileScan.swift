// No file with a virus leaves the server.

import ArchiveCore
import Logging

/// Asked before anything of a file is read for somebody. Without a scanner everything passes.
///
/// Bytes are searched when somebody first wants them, once for all files that have the same. While the scanner is away,
/// what was not searched is not handed out.
struct FileScan: Sendable {
  private let verdicts: Collection<FileVerdict>
  private let scanning: FileScanning?
  let work: SharedWork<StoredFile, ScanResult>
  private let now: @Sendable () -> Timestamp

  init(
    files: Files, scanner: (any VirusScanner)?, audit: AuditLog, settings: ServiceSettings.Scanning
  ) {
    let verdicts = Collection(FileVerdict.self, in: files.documents)
    let scanning = scanner.map {
      FileScanning(
        files: files, verdicts: verdicts, scanner: $0, audit: audit, settings: settings)
    }
    (self.verdicts, self.scanning, now) = (verdicts, scanning, files.surroundings.now)
    work = SharedWork(
      atOnce: settings.atOnce, queueLimit: settings.queueLimit, refusal: FileScanning.busy
    ) { file in try await scanning?(file) ?? .clean }
  }

  /// Throws `forbidden` for what is not handed out, `busy` where nobody can tell now.
  func require(_ file: StoredFile) async throws {
    guard scanning != nil else { return }
    switch try await result(file) {
    case .clean: return
    case .infected:
      throw ServiceError(.forbidden, "a virus was found in the file; it is not handed out")
    case .tooLarge:
      throw ServiceError(
        .forbidden, "the file is too large to be searched for viruses; it is not handed out")
    }
  }
}

extension FileScan {
  private func result(_ file: StoredFile) async throws -> ScanResult {
    if let known = try await verdicts.find(id: file.sha256), known.expiresAt > now() {
      return known.result
    }
    return try await work.product(of: file)
  }
}

/// The search of one file.
struct FileScanning: Sendable {
  let files: Files
  let verdicts: Collection<FileVerdict>
  let scanner: any VirusScanner
  let audit: AuditLog
  let settings: ServiceSettings.Scanning

  static let busy = ServiceError(
    .busy, "files are being searched for viruses, try again", retryAfter: .seconds(5))

  func callAsFunction(_ file: StoredFile) async throws -> ScanResult {
    let object = try await files.objects.get(FileKeys.object(file.id), range: nil)
    let result: ScanResult
    do {
      result = try await scanner.scan(object.next)
    } catch let error as ScanError {
      files.logger.error(
        "a file could not be searched for viruses",
        metadata: ["file": "\(file.id)", "error": "\(error)"])
      throw Self.busy
    }
    try await note(result, of: file)
    return result
  }

  private func note(_ result: ScanResult, of file: StoredFile) async throws {
    let now = files.surroundings.now()
    let lifetime = result == .tooLarge ? settings.shortLifetime : settings.lifetime
    let verdict = FileVerdict(
      sha256: file.sha256, result: result, at: now, expiresAt: now.advanced(by: lifetime))
    var steps: [TransactionStep] = [
      .delete(verdicts.name, where: .id(verdict.sha256)),
      .insert(try verdict.document(), into: verdicts.name),
    ]
    if case .infected(let name) = result {
      files.logger.warning(
        "a virus was found", metadata: ["file": "\(file.id)", "virus": "\(name)"])
      steps.append(
        try audit.step(
          AuditEvent(
            .virusFound, subject: file.ownerID,
            detail: ["fileId": file.id.description, "virus": String(name.prefix(200))])))
    }
    if result == .tooLarge {
      files.logger.warning(
        "a file is larger than the scanner takes: raise its StreamMaxLength",
        metadata: ["file": "\(file.id)", "bytes": "\(file.sizeBytes)"])
    }
    do {
      try await files.documents.transact(steps)
    } catch {
      // Another node was as fast, and says the same.
      guard error.kind == .conflict else { throw error }
    }
  }
}
