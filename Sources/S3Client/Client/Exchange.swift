// One request and its answer, however many attempts that takes.

import CurlHTTP
import Logging

/// What a good answer brought: its head, and its body whole or to be pulled.
struct S3Reply: Sendable {
  let head: CurlHead
  /// Empty where the body is pulled.
  let body: [UInt8]
  /// `nil` where the body is whole.
  let next: (@Sendable () async throws(CurlError) -> [UInt8]?)?

  var requestID: String? { head.header("x-amz-request-id") }
}

/// How the body of a good answer is wanted.
enum ReplyForm {
  case whole(limitBytes: Int)
  case pulled
}

/// The one place that sends: signs, sends, judges the answer, learns from it, and decides whether to send again.
///
/// A value that lives as long as one request; afterwards it knows whether an attempt went out of which nobody knows
/// what became.
struct Exchange {
  let client: S3Client
  /// Whether an attempt that has failed may have had its effect all the same.
  private(set) var outcomeIsUnknown = false
  private var attempt = 0
  /// What the last repetition took from the budget.
  private var spent = 0
  private var learntRegion = false
  private var learntClock = false
  private var probedRegion = false

  init(_ client: S3Client) { self.client = client }

  /// The first answer with a status of success, after at most as many attempts as allowed; otherwise the last error.
  mutating func run(_ request: S3Request, _ form: ReplyForm) async throws(S3Error) -> S3Reply {
    while true {
      attempt += 1
      let now = client.surroundings.now()
      let context = client.facts.context(now: now)
      switch await send(request, form, context) {
      case .success(let reply):
        note(reply.head, now: now)
        client.budget.giveBack(spent)
        return reply
      case .failure(let failure):
        if let head = failure.head { note(head, now: now) }
        outcomeIsUnknown = outcomeIsUnknown || failure.leavesOutcomeUnknown
        if await learn(from: failure, request, context, now: now) { continue }
        try await waitForNextAttempt(request, failure)
      }
    }
  }

  private func send(
    _ request: S3Request, _ form: ReplyForm, _ context: SigningContext
  ) async -> Result<S3Reply, FailedAttempt> {
    let signer = RequestSigner(settings: client.settings, facts: client.facts)
    let signed = signer.sign(request, context)
    do throws(CurlError) {
      let reply: S3Reply
      switch form {
      case .whole(let limitBytes):
        let answer = try await client.http.fetch(signed, limitBytes: limitBytes)
        reply = S3Reply(head: answer.head, body: answer.body, next: nil)
      case .pulled:
        reply = try await pull(signed)
      }
      if let failure = FailedAttempt(reply, to: request) { return .failure(failure) }
      return .success(reply)
    } catch {
      return .failure(FailedAttempt(error))
    }
  }

  /// The body of a refusal is read at once: it says why.
  private func pull(_ request: CurlRequest) async throws(CurlError) -> S3Reply {
    let response = try await client.http.send(request)
    if (200..<300).contains(response.head.status) {
      return S3Reply(head: response.head, body: [], next: response.next)
    }
    var body: [UInt8] = []
    while body.count < FailedAttempt.bodyLimitBytes, let chunk = try await response.next() {
      body += chunk
    }
    return S3Reply(head: response.head, body: body, next: nil)
  }

  private func note(_ head: CurlHead, now: S3Instant) {
    client.facts.note(
      serverTime: head.header("date").flatMap(S3Instant.init(httpDate:)),
      region: head.header("x-amz-bucket-region"), now: now)
  }
}

extension Exchange {
  /// Whether the answer taught something that lets the same request succeed at once. Each thing is learnt once, so
  /// that a server that never agrees with itself is not asked for ever.
  private mutating func learn(
    from failure: FailedAttempt, _ request: S3Request, _ context: SigningContext, now: S3Instant
  ) async -> Bool {
    guard request.payload.isRepeatable, !Task.isCancelled else { return false }
    if !learntRegion, let region = failure.region, region != context.region {
      learntRegion = true
      client.facts.learn(region: region)
      logRepetition(request, failure, "the server's region")
      return true
    }
    if !learntClock, let time = failure.serverTime(signedAt: context.at) {
      learntClock = true
      client.facts.learn(serverTime: time, now: now)
      logRepetition(request, failure, "the server's clock")
      return true
    }
    guard !probedRegion, request.method == "HEAD", failure.mayHideRegion else { return false }
    probedRegion = true
    return await probeRegion(request, context)
  }

  /// The answer to HEAD has no body, so a refusal cannot name the region in it: a GET to the bucket is asked instead.
  private mutating func probeRegion(_ request: S3Request, _ context: SigningContext) async -> Bool {
    var probe = S3Request("GET", bucket: request.bucket)
    probe.query = [("location", "")]
    probe.attemptLimit = 1
    var exchange = Exchange(client)
    exchange.probedRegion = true
    // Whether the probe itself is allowed does not matter, only what it teaches.
    _ = try? await exchange.run(probe, .whole(limitBytes: FailedAttempt.bodyLimitBytes))
    learntRegion = learntRegion || exchange.learntRegion
    learntClock = learntClock || exchange.learntClock
    return client.facts.context(now: context.at).region != context.region
  }

  /// Returns when the request is to be sent again; throws the error where it is not.
  private mutating func waitForNextAttempt(
    _ request: S3Request, _ failure: FailedAttempt
  ) async throws(S3Error) {
    let rules = client.settings.retries
    let limit = request.attemptLimit ?? rules.attempts
    guard failure.mayPass, request.payload.isRepeatable, attempt < limit else {
      throw failure.error.after(attempts: attempt)
    }
    guard !Task.isCancelled else { throw S3Error.wasCancelled }
    let cost =
      failure.error.kind == .broken ? RetryBudget.brokenCost : RetryBudget.repetitionCost
    guard client.budget.take(cost) else {
      throw failure.error.after(attempts: attempt).hinting(
        "too many requests fail, so this one was not repeated; the server needs attention")
    }
    spent = cost
    let delay = rules.delay(
      after: attempt, retryAfter: failure.retryAfter, random: client.surroundings.random())
    logRepetition(request, failure, "\(delay)")
    do { try await client.surroundings.sleep(delay) } catch { throw S3Error.wasCancelled }
  }

  private func logRepetition(_ request: S3Request, _ failure: FailedAttempt, _ why: String) {
    client.logger.debug(
      "an S3 request is sent again",
      metadata: [
        "host": "\(client.settings.endpoint.host)", "method": "\(request.method)",
        "attempt": "\(attempt)", "kind": "\(failure.error.kind.rawValue)",
        "status": "\(failure.error.status.map(String.init) ?? "none")",
        "code": "\(failure.error.code ?? "none")", "after": "\(why)",
      ])
  }
}
