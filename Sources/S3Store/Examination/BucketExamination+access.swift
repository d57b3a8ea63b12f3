// Whether the server answers, knows the keys, and has the bucket.

package import ArchiveCore
package import S3Client

extension BucketExamination {
  /// The way in, or `nil` where there is none; the findings say why.
  func openAccess(_ findings: inout [BucketFinding]) async -> BucketAccess? {
    switch await attempt(settings.addressing) {
    case .success(let access):
      findings += [answering, trusted, BucketFinding("bucket", .ok, "`\(bucketName)` is there")]
      findings.append(BucketFinding("addressing", .ok, Self.words(addressing)))
      return access
    case .failure(let error) where error.code == "NoSuchBucket" && createsBucket:
      return await openCreated(&findings)
    case .failure(let error):
      findings += explain(error)
      if let found = await otherAddressing(error) { findings.append(found) }
      return nil
    }
  }

  private func openCreated(_ findings: inout [BucketFinding]) async -> BucketAccess? {
    findings += [answering, trusted]
    do throws(S3Error) {
      let client = try makeClient(settings.addressing)
      defer { findings.append(BucketFinding("addressing", .ok, Self.words(addressing))) }
      try await client.bucket(bucketName).create()
      await client.close()
      let access = try await attempt(settings.addressing).get()
      findings.append(BucketFinding("bucket", .ok, "`\(bucketName)` was created"))
      return access
    } catch {
      findings.append(BucketFinding(failed: "bucket", error, in: bucketName))
      return nil
    }
  }

  /// Lists one key: the one request that needs everything to be right and whose failure has words.
  private func attempt(_ addressing: S3Addressing) async -> Result<BucketAccess, S3Error> {
    do throws(S3Error) {
      let client = try makeClient(addressing)
      do throws(S3Error) {
        let bucket = try client.bucket(bucketName)
        guard let prefix = BucketPrefix(prefix) else {
          throw S3Error(.invalidRequest, "not a prefix of keys", hint: BucketPrefix.allowed)
        }
        _ = try await bucket.listPage(prefix: prefix.text, limit: 1)
        return .success(
          BucketAccess(client: client, place: BucketPlace(bucket: bucket, prefix: prefix)))
      } catch {
        await client.close()
        throw error
      }
    } catch {
      return .failure(error)
    }
  }

  private func makeClient(_ addressing: S3Addressing) throws(S3Error) -> S3Client {
    var settings = settings
    settings.addressing = addressing
    return try S3Client(
      settings: settings, surroundings: S3Surroundings(surroundings), logger: logger)
  }

  private func explain(_ error: S3Error) -> [BucketFinding] {
    let meaning = StoreError(error, "list", in: bucketName, nil)
    switch error.kind {
    case .noBucket where error.code == nil:
      return [
        BucketFinding(
          "server", .failed, "\(settings.endpoint) answers 404, and not in the words of S3",
          cure: "check that s3.endpoint names the S3 port, not a console, a website or a proxy")
      ]
    case .noBucket:
      return [
        answering, trusted,
        BucketFinding(
          "bucket", .failed, "`\(bucketName)` does not exist", cure: StoreError.noBucketHint),
      ]
    case .accessDenied:
      let code = error.code.map { " code=`\($0)`" } ?? ""
      return [
        answering,
        BucketFinding(
          "credentials", .failed, error.message + code, cure: StoreError.accessHint(error.code)),
      ]
    default:
      return [
        BucketFinding(
          "server", .failed, "\(settings.endpoint) \(error.kind.rawValue): \(error.message)",
          cure: (meaning.hint ?? "check s3.endpoint, s3.proxy and the network")
            + (settings.endpoint.isTLS
              ? "; s3.caFile names certificates to trust, and the port must speak https" : ""))
      ]
    }
  }

  /// A failure whose cause may be the addressing is tried again in the other way.
  private func otherAddressing(_ error: S3Error) async -> BucketFinding? {
    let isTelling = ["InvalidAccessKeyId", "RequestTimeTooSkewed", "ExpiredToken", "InvalidToken"]
      .contains(error.code ?? "")
    let isSilent = [.broken, .busy, .cancelled].contains(error.kind)
    let other: S3Addressing = addressing == .path ? .virtualHost : .path
    guard !isTelling, !isSilent, !settings.endpoint.isAddress,
      case .success(let access) = await attempt(other)
    else { return nil }
    await access.client.close()
    return BucketFinding(
      "addressing", .failed, "the server wants \(Self.words(other))",
      cure: "set s3.pathStyle to \(other == .path)")
  }

  /// An address has no names below it, so there the bucket is in the path whatever the settings say.
  private var addressing: S3Addressing {
    settings.endpoint.isAddress ? .path : settings.addressing
  }

  private var answering: BucketFinding {
    BucketFinding("server", .ok, "\(settings.endpoint) answers")
  }

  private var trusted: BucketFinding {
    BucketFinding("credentials", .ok, "the server takes the keys")
  }

  private static func words(_ addressing: S3Addressing) -> String {
    addressing == .path ? "the bucket in the path" : "the bucket in the host name"
  }
}

extension S3Surroundings {
  /// The same world for the client.
  package init(_ surroundings: Surroundings) {
    self.init(
      now: { S3Instant(milliseconds: surroundings.now().milliseconds) },
      sleep: surroundings.sleep, random: surroundings.random)
  }
}
