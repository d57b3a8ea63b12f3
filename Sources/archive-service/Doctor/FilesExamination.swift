// Uploaded files and their objects, compared both ways.

import ArchiveCore
import ArchiveService
import Logging

/// Looks for files whose bytes are missing and for objects that no file needs. Changes nothing.
struct FilesExamination {
  let settings: Settings
  let surroundings: Surroundings

  func findings() async -> [DoctorFinding] {
    let (name, logger) = ("files", Logger(label: "files") { _ in SwiftLogNoOpLogHandler() })
    do {
      guard try await Engines.exist(settings, surroundings, logger) else { return [] }
      return [finding(try await census(logger), name)]
    } catch {
      return [DoctorFinding(name, .failed, "\(error)", cure: (error as? StoreError)?.hint)]
    }
  }

  private func census(_ logger: Logger) async throws -> FileCensus {
    let documents = try await OpenDocuments(settings, surroundings: surroundings, logger: logger)
    let outcome: Result<FileCensus, any Error>
    do {
      let objects = try await OpenObjects(settings, surroundings: surroundings, logger: logger)
      // What is young may be on its way.
      let youngest = surroundings.now().advanced(by: .zero - settings.service.uploads.orphanGrace)
      do {
        outcome = .success(
          try await FileCensus.take(documents.store, objects.store, before: youngest))
      } catch {
        outcome = .failure(error)
      }
      await objects.close()
    } catch {
      await documents.close()
      throw error
    }
    await documents.close()
    return try outcome.get()
  }

  private func finding(_ census: FileCensus, _ name: String) -> DoctorFinding {
    if let first = census.problems.first {
      return DoctorFinding(
        name, .failed,
        "the bytes of \(census.problems.count) of \(census.count) files are missing or altered, as of \(first.object ?? "")",
        cure: "put the objects back from a backup; archive-service verify names all of them")
    }
    guard census.orphans.isEmpty else {
      return DoctorFinding(
        name, .warning,
        "\(census.count) files; \(census.orphans.count) objects belong to none",
        cure: "nothing is lost; a running server deletes them")
    }
    return DoctorFinding(
      name, .ok, "\(census.count) files older than the grace have their objects")
  }
}
