// An attempt that brought no success, and what follows from it.

import CurlHTTP

/// What is known of a failure: the error for the caller, and the facts by which the exchange goes on.
struct FailedAttempt: Error {
  /// The most of a refusal's body that is read.
  static let bodyLimitBytes = 64 << 10

  let error: S3Error
  /// `nil` where no answer came.
  let head: CurlHead?
  /// Whether the server may have done what it was asked to.
  let leavesOutcomeUnknown: Bool
  /// Whether the same request may succeed later.
  let mayPass: Bool
  private let document: S3ErrorDocument?

  /// `nil` for an answer that is a success.
  init?(_ reply: S3Reply, to request: S3Request) {
    let status = reply.head.status
    if (200..<300).contains(status) {
      guard request.mayFailInside, let document = Self.document(reply.body) else { return nil }
      self.init(reply, document, to: request)
    } else {
      self.init(reply, Self.document(reply.body), to: request)
    }
  }

  private init(_ reply: S3Reply, _ document: S3ErrorDocument?, to request: S3Request) {
    let status = reply.head.status
    let error = S3Error(
      answer: status, document: document, requestID: reply.requestID, key: request.key)
    self.error = error.hinting(Self.redirectHint(reply.head, document))
    self.document = document
    head = reply.head
    // A gateway's 5xx tells nothing of the server behind it; only a refusal to begin is one for sure.
    leavesOutcomeUnknown = (error.kind == .busy && status != 429 && error.code != "SlowDown")
    mayPass = error.kind == .busy || Self.passingConflicts.contains(error.code ?? "")
  }

  init(_ failure: CurlError) {
    error = S3Error(failure)
    (head, document) = (nil, nil)
    leavesOutcomeUnknown = [.broken, .timedOut, .badAnswer, .answerTooLarge].contains(failure.kind)
    mayPass = [.unreachable, .broken, .timedOut, .busy].contains(failure.kind)
  }

  /// Two requests met; the server took neither side and asks to come again.
  private static let passingConflicts: Set<String> = [
    "ConditionalRequestConflict", "OperationAborted",
  ]

  private static func document(_ body: [UInt8]) -> S3ErrorDocument? {
    guard !body.isEmpty, body.count <= bodyLimitBytes else { return nil }
    // A server may send blanks to keep the connection while it works; no XML declaration may stand behind them.
    return S3ErrorDocument(body: body.droppingLeadingBlanks())
  }

  /// Which host was named, so that the operator can decide; it gets nothing from us.
  private static func redirectHint(_ head: CurlHead, _ document: S3ErrorDocument?) -> String? {
    guard (300..<400).contains(head.status) else { return nil }
    let named = document?.endpoint ?? head.header("location").map(host)
    return named.map { "the server redirects to `\(S3Error.shown($0))`, which is not followed" }
  }

  /// Without path and query, which may be signed.
  private static func host(of location: String) -> String {
    let rest = location.split(separator: "://", maxSplits: 1).last ?? ""
    return String(rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" })
  }
}

extension FailedAttempt {
  /// The region that the server wants, where it refused because of ours.
  var region: String? {
    guard let head, [301, 307, 400, 403].contains(head.status) else { return nil }
    let named = document?.region ?? head.header("x-amz-bucket-region")
    // What goes into signatures and logs looks like a region.
    guard let named, (1...64).contains(named.utf8.count),
      named.utf8.allSatisfy(PercentEncoding.isUnreserved)
    else { return nil }
    return named
  }

  /// The server's clock, where it refused because of ours. HEAD gives no code, so there a difference that servers
  /// refuse (15 minutes; 5 to be safe) counts.
  func serverTime(signedAt moment: S3Instant) -> S3Instant? {
    guard let head, [400, 403].contains(head.status) else { return nil }
    let dated = head.header("date").flatMap(S3Instant.init(httpDate:))
    switch error.code {
    case "RequestTimeTooSkewed": return document?.serverTime ?? dated
    case nil:
      guard let dated else { return nil }
      let difference = dated.since(moment)
      return difference > .seconds(300) || difference < .seconds(-300) ? dated : nil
    default: return nil
    }
  }

  /// Whether a refusal without a body may be about the region.
  var mayHideRegion: Bool {
    guard let head else { return false }
    return (head.status == 400 || head.status == 301) && document == nil
  }

  /// In whole seconds or as a date; `nil` where it is neither or lies in the past.
  var retryAfter: Duration? {
    guard let text = head?.header("retry-after") else { return nil }
    if let seconds = Int64(text), seconds >= 0 { return .seconds(min(seconds, 86_400)) }
    guard let until = S3Instant(httpDate: text),
      let now = head?.header("date").flatMap(S3Instant.init(httpDate:))
    else { return nil }
    return max(until.since(now), .zero)
  }
}

extension [UInt8] {
  /// A document as an XML reader takes it: its declaration must be its first byte.
  func droppingLeadingBlanks() -> [UInt8] {
    guard let first, first <= 0x20 else { return self }
    return Array(drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D })
  }
}
