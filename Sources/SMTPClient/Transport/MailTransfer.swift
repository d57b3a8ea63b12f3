// One dialogue with the server, by libcurl: the only unsafe code of this module.

internal import CCurl
internal import CCurlShims

/// Carries out one job on the calling thread, which blocks until the end or a deadline. libcurl measures deadlines on
/// the monotonic clock.
///
/// Each mail has a connection of its own: an idle one would have to be watched, and a dead one would look like a mail
/// whose fate is unknown.
final class MailTransfer {
  private let raw: UnsafeMutableRawPointer
  private let settings: SMTPSettings
  private let dialogue: Dialogue
  private let content: [UInt8]
  private var position = 0
  private var recipients: UnsafeMutablePointer<curl_slist>?

  private init(_ job: MailJob, _ settings: SMTPSettings) throws(SMTPError) {
    guard let raw = curl_easy_init() else { throw SMTPError(.unreachable, "libcurl has no memory") }
    (self.raw, self.settings, dialogue) = (raw, settings, job.dialogue)
    content = job.envelope?.content ?? []
  }

  deinit {
    curl_easy_cleanup(raw)
    curl_slist_free_all(recipients)
  }

  /// Returns the server's last word, or why there is none.
  static func run(_ job: MailJob, _ settings: SMTPSettings) -> Result<SMTPReply?, SMTPError> {
    do throws(SMTPError) {
      let transfer = try MailTransfer(job, settings)
      return try withExtendedLifetime(transfer) { () throws(SMTPError) in
        try transfer.prepare(job.envelope)
        let code = curl_easy_perform(transfer.raw)
        guard code == CURLE_OK else { throw transfer.failure(code) }
        return .success(job.dialogue.reply)
      }
    } catch {
      return .failure(error)
    }
  }

  private func failure(_ code: CURLcode) -> SMTPError {
    SMTPFailure.error(
      code, dialogue.stage, dialogue.reply, isCancelled: dialogue.isCancelled,
      place: settings.server.place)
  }

  // MARK: Options

  private func prepare(_ envelope: Envelope?) throws(SMTPError) {
    try set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    let name = settings.helloName.map { "/\($0)" } ?? ""
    try set(CURLOPT_URL, settings.server.place + name)
    // Set even where empty: unset, libcurl would look into the environment.
    try set(CURLOPT_PROXY, "")
    try set(CURLOPT_NOPROXY, "")
    try set(CURLOPT_NOSIGNAL, 1)
    // Closed inside of `perform`, under our callbacks; kept, it would be closed under none.
    try set(CURLOPT_FORBID_REUSE, 1)
    try set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(settings.connectDeadline))
    try set(CURLOPT_TIMEOUT_MS, Self.milliseconds(settings.totalDeadline))
    try setTrust()
    try setCredentials()
    try setCallbacks()
    if let envelope { try set(envelope) } else { try setProbe() }
  }

  private func setTrust() throws(SMTPError) {
    try set(CURLOPT_SSL_VERIFYPEER, 1)
    try set(CURLOPT_SSL_VERIFYHOST, 2)
    try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    // With ALL libcurl says nothing but EHLO before the connection is encrypted.
    try set(
      CURLOPT_USE_SSL,
      Int(settings.requiresStartTLS ? CURLUSESSL_ALL.rawValue : CURLUSESSL_NONE.rawValue))
    guard let file = settings.certificateAuthorityFile else { return }
    try set(CURLOPT_CAINFO, file)
    // Instead of the system's, not beside them.
    try set(CURLOPT_CAPATH, nil)
  }

  private func setCredentials() throws(SMTPError) {
    guard let credentials = settings.server.credentials else { return }
    try set(CURLOPT_USERNAME, credentials.user)
    try set(CURLOPT_PASSWORD, credentials.password)
    try set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN")
  }

  private func set(_ envelope: Envelope) throws(SMTPError) {
    try set(CURLOPT_UPLOAD, 1)
    let length = curl_off_t(content.count)
    try check(curl_shim_setopt_offset(raw, CURLOPT_INFILESIZE_LARGE, length))
    try set(CURLOPT_MAIL_FROM, "<\(envelope.from)>")
    for recipient in envelope.to {
      guard let list = curl_slist_append(recipients, "<\(recipient)>") else {
        throw SMTPError(.unreachable, "libcurl has no memory")
      }
      recipients = list
    }
    try check(curl_shim_setopt_list(raw, CURLOPT_MAIL_RCPT, recipients))
  }

  /// No mail: everything up to the sign-in, and a command that does nothing.
  private func setProbe() throws(SMTPError) {
    try set(CURLOPT_NOBODY, 1)
    try set(CURLOPT_CUSTOMREQUEST, "NOOP")
  }

  private func setCallbacks() throws(SMTPError) {
    // The reference is unretained: `run` keeps the transfer alive as long as libcurl may call.
    let context = Unmanaged.passUnretained(self).toOpaque()
    try check(curl_shim_setopt_data(raw, CURLOPT_READFUNCTION, MailCallbacks.read))
    try set(CURLOPT_READDATA, context)
    try check(curl_shim_setopt_data(raw, CURLOPT_HEADERFUNCTION, MailCallbacks.header))
    try set(CURLOPT_HEADERDATA, context)
    try check(curl_shim_setopt_data(raw, CURLOPT_WRITEFUNCTION, MailCallbacks.header))
    try set(CURLOPT_WRITEDATA, context)
    try check(curl_shim_setopt_debug(raw, MailCallbacks.debug))
    try set(CURLOPT_DEBUGDATA, context)
    try set(CURLOPT_VERBOSE, 1)
    try check(curl_shim_setopt_progress(raw, MailCallbacks.progress))
    try set(CURLOPT_XFERINFODATA, context)
    try set(CURLOPT_NOPROGRESS, 0)
  }

  private func set(_ option: CURLoption, _ value: Int) throws(SMTPError) {
    try check(curl_shim_setopt_long(raw, option, value))
  }

  private func set(_ option: CURLoption, _ value: String?) throws(SMTPError) {
    try check(curl_shim_setopt_text(raw, option, value))
  }

  private func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) throws(SMTPError) {
    try check(curl_shim_setopt_pointer(raw, option, value))
  }

  private func check(_ code: CURLcode) throws(SMTPError) {
    guard code == CURLE_OK else {
      throw SMTPError(.invalidMessage, "libcurl refuses an option code=`\(code.rawValue)`")
    }
  }

  /// At least one: libcurl takes 0 for no deadline at all.
  private static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    let capped = min(max(seconds, 0), 86_400)
    return max(1, Int(capped) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }
}

// MARK: What libcurl calls

extension MailTransfer {
  fileprivate func give(_ room: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(room.count, content.count - position)
    guard count > 0 else { return 0 }
    content.withUnsafeBytes {
      room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count]))
    }
    position += count
    return count
  }

  fileprivate func hear(_ line: UnsafeRawBufferPointer) -> Bool { dialogue.heard(line) }
  fileprivate func say(_ command: UnsafeRawBufferPointer) { dialogue.said(command) }
  fileprivate func shallBreakOff() -> Bool { dialogue.shallBreakOff() }
}

/// libcurl's callbacks. All run on the sending thread inside `curl_easy_perform`; their context is the `MailTransfer`.
private enum MailCallbacks {
  static let read: curl_shim_data_function = { bytes, size, count, context in
    guard let transfer = transfer(context) else { return Int(CURL_READFUNC_ABORT) }
    return transfer.give(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
  }

  static let header: curl_shim_data_function = { bytes, size, count, context in
    // Any number but the whole means: break off.
    guard let transfer = transfer(context) else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return transfer.hear(line) ? size * count : 0
  }

  static let debug: curl_debug_callback = { _, kind, bytes, count, context in
    if kind == CURLINFO_HEADER_OUT {
      transfer(context)?.say(UnsafeRawBufferPointer(start: bytes, count: count))
    }
    return 0
  }

  static let progress: curl_xferinfo_callback = { context, _, _, _, _ in
    transfer(context)?.shallBreakOff() == true ? 1 : 0
  }

  private static func transfer(_ context: UnsafeMutableRawPointer?) -> MailTransfer? {
    context.map { Unmanaged<MailTransfer>.fromOpaque($0).takeUnretainedValue() }
  }
}
