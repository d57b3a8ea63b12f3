// Tries out on a bucket everything that the archive needs of it.

public import ArchiveCore
public import Logging
public import S3Client

/// A sequence of checks with requests of their own, from reachability to links; changes nothing that is there.
///
/// Everything it makes lies under `@scratch/` and is deleted, also after a failure. When the server stops
/// answering the rest is skipped, so that an examination ends within the deadlines of one request.
public struct BucketExamination: Sendable {
  /// Makes the bucket where it is missing.
  public var createsBucket = false
  let settings: S3Settings
  let bucketName: String
  let prefix: String
  let surroundings: Surroundings
  let logger: Logger
  let outside: OutsideFetch

  /// The settings' deadlines are how long each request may take; choose what a waiting person puts up with.
  public init(
    settings: S3Settings, bucket: String, prefix: String, surroundings: Surroundings,
    logger: Logger, outside: @escaping OutsideFetch
  ) {
    var settings = settings
    settings.retries.attempts = min(settings.retries.attempts, 2)
    (self.settings, bucketName, self.prefix) = (settings, bucket, prefix)
    (self.surroundings, self.logger, self.outside) = (surroundings, logger, outside)
  }

  /// All findings in the order of the checks. Never throws: what cannot be done is a finding.
  public func run() async -> [BucketFinding] {
    var findings: [BucketFinding] = []
    guard let access = await openAccess(&findings) else {
      return findings + Self.later.map { Self.skipped($0.name) }
    }
    let scratch = BucketScratch(access.place, surroundings)
    var isAnswering = true
    for check in Self.later {
      guard isAnswering, !Task.isCancelled else {
        findings.append(Self.skipped(check.name))
        continue
      }
      let work = ScratchWork(
        examination: self, access: access, scratch: scratch, check: check.name)
      let (finding, stillAnswers) = await work.finding(check.work)
      findings.append(finding)
      isAnswering = stillAnswers
    }
    findings.append(await cleanUp(access, scratch))
    await access.client.close()
    return findings
  }

  /// What is checked once the bucket can be read.
  private static let later: [(name: String, work: ScratchWork.Check)] = [
    ("region", { try await $0.region() }),
    ("clock", { try await $0.clock() }),
    ("round trip", { try await $0.roundTrip() }),
    ("ranges", { try await $0.ranges() }),
    ("lists", { try await $0.lists() }),
    ("multipart", { try await $0.multipart() }),
    ("create-only puts", { try await $0.conditionalWrites() }),
    ("links", { try await $0.links() }),
    ("compression", { try await $0.compression() }),
  ]

  private static func skipped(_ check: String) -> BucketFinding {
    BucketFinding(check, .skipped, "not looked at because of the failure above")
  }

  private func cleanUp(_ access: BucketAccess, _ scratch: BucketScratch) async -> BucketFinding {
    let check = "clean-up"
    guard await scratch.remove() == 0 else {
      return BucketFinding(
        check, .warning, "scratch objects are left over under `\(scratch.prefix)`",
        cure: "allow the key to delete objects and run doctor again, or delete them by hand")
    }
    let old = await scratch.removeOld(before: surroundings.now().advanced(by: .seconds(-3600)))
    return BucketFinding(
      check, .ok,
      "nothing is left" + (old > 0 ? "; \(old) scratch objects of old runs deleted" : ""))
  }
}

/// A bucket that can be read.
struct BucketAccess: Sendable {
  let client: S3Client
  let place: BucketPlace
  var bucket: S3Bucket { place.bucket }
}

/// One check under way, with what it works on.
struct ScratchWork: Sendable {
  typealias Check = @Sendable (ScratchWork) async throws -> BucketFinding

  let examination: BucketExamination
  let access: BucketAccess
  let scratch: BucketScratch
  let check: String
  var bucket: S3Bucket { access.bucket }

  func ok(_ detail: String) -> BucketFinding { BucketFinding(check, .ok, detail) }

  func warning(_ detail: String, cure: String) -> BucketFinding {
    BucketFinding(check, .warning, detail, cure: cure)
  }

  /// Runs the check; also says whether the server still answers.
  func finding(_ work: Check) async -> (BucketFinding, stillAnswers: Bool) {
    do {
      return (try await work(self), true)
    } catch let deviation as Deviation {
      return (
        BucketFinding(check, deviation.outcome, deviation.detail, cure: deviation.cure), true
      )
    } catch let error as S3Error {
      let isSilent = [.unreachable, .broken, .busy, .badAnswer, .cancelled].contains(error.kind)
      return (BucketFinding(failed: check, error, in: bucket.name), !isSilent)
    } catch let error as StoreError {
      return (
        BucketFinding(check, .failed, error.message, cure: error.hint), error.kind != .unavailable
      )
    } catch {
      return (BucketFinding(check, .failed, "\(error)"), true)
    }
  }
}

extension BucketFinding {
  /// A request that failed.
  init(failed check: String, _ error: S3Error, in bucket: String) {
    let meaning = StoreError(error, check, in: bucket, nil)
    let code = error.code.map { " code=`\($0)`" } ?? ""
    self.init(check, .failed, error.message + code, cure: meaning.hint)
  }
}
