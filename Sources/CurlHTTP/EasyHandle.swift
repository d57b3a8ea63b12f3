// The owner of one of libcurl's easy handles.

internal import CCurl
internal import CCurlShims

/// Owns a `CURL` with what belongs to it. Lives and dies on the transfer thread.
///
/// Reset before each request and set anew, all of it: so nothing is left of the request before. Not even what
/// has no option: without the reset libcurl counts its repeats on dead connections over the life of the handle,
/// and gives up at five.
final class EasyHandle {
  let raw: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private let settings: CurlSettings

  init(_ settings: CurlSettings) throws(CurlError) {
    guard let raw = curl_easy_init() else { throw CurlError(.unreachable, "libcurl has no memory") }
    (self.raw, self.settings) = (raw, settings)
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(raw)
    curl_slist_free_all(headerList)
    errorText.deallocate()
  }

  /// Makes it ready for one request.
  /// - Parameter context: what the callbacks get; must outlive the transfer.
  func aim(at exchange: Exchange, context: UnsafeMutableRawPointer) throws(CurlError) {
    curl_easy_reset(raw)
    errorText[0] = 0
    try set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText))
    try setRules()
    try setTransport()
    try setTrust()
    try TransferCallbacks.install(in: self)
    try set(CURLOPT_URL, exchange.url.text)
    try setMethod(exchange.request)
    try setHeaders(exchange.request.headers)
    // Without a body there is no rewinding that could be refused; so no connection that may be dead is used.
    let isBare = exchange.request.announcedLength ?? 0 == 0
    try set(CURLOPT_FRESH_CONNECT, isBare && !exchange.request.mayBeResent ? 1 : 0)
    try set(CURLOPT_PRIVATE, context)
    try set(CURLOPT_HEADERDATA, context)
    try set(CURLOPT_WRITEDATA, context)
    try set(CURLOPT_READDATA, context)
    try set(CURLOPT_SEEKDATA, context)
    try set(CURLOPT_PREREQDATA, context)
  }

  /// Lets go of what belonged to the request.
  func rest() {
    curl_shim_setopt_list(raw, CURLOPT_HTTPHEADER, nil)
    curl_slist_free_all(headerList)
    headerList = nil
  }

  /// libcurl's words for the last failure.
  var detail: String { String(cString: errorText) }

  var hadSystemError: Bool {
    var number = 0
    return curl_shim_getinfo_long(raw, CURLINFO_OS_ERRNO, &number) == CURLE_OK && number != 0
  }

  /// Bytes of the body that the system took.
  var uploadedBytes: Int64 { offset(CURLINFO_SIZE_UPLOAD_T) }
  /// What the answer says its body has; -1 where it does not say.
  var announcedBytes: Int64 { offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T) }

  /// The transfer that a handle was aimed with.
  static func transfer(of raw: UnsafeMutableRawPointer) -> Transfer? {
    var context: UnsafeMutableRawPointer?
    guard curl_shim_getinfo_pointer(raw, CURLINFO_PRIVATE, &context) == CURLE_OK else { return nil }
    return TransferCallbacks.transfer(context)
  }

  func pause(receiving: Bool, sending: Bool) -> CURLcode {
    curl_easy_pause(raw, (receiving ? CURLPAUSE_RECV : 0) | (sending ? CURLPAUSE_SEND : 0))
  }

  // MARK: Options

  private func setRules() throws(CurlError) {
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    // Where a redirect leads is the caller's business: credentials never follow it.
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
    try set(CURLOPT_PATH_AS_IS, 1)
    try set(CURLOPT_HTTP_CONTENT_DECODING, 0)
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    // Signals would hit the whole process.
    try set(CURLOPT_NOSIGNAL, 1)
    // The loop keeps the deadlines; libcurl's own would end a connection attempt after 300 s.
    try set(CURLOPT_CONNECTTIMEOUT_MS, Int(Int32.max))
  }

  private func setTransport() throws(CurlError) {
    try set(CURLOPT_TCP_NODELAY, 1)
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    try set(CURLOPT_BUFFERSIZE, 64 << 10)
    try set(CURLOPT_USERAGENT, settings.userAgent)
    // Set even where empty: unset, libcurl would look into http_proxy, no_proxy and their kin.
    try set(CURLOPT_PROXY, settings.proxy ?? "")
    try set(CURLOPT_NOPROXY, "")
  }

  private func setTrust() throws(CurlError) {
    try set(CURLOPT_SSL_VERIFYPEER, 1)
    try set(CURLOPT_SSL_VERIFYHOST, 2)
    try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    guard let file = settings.certificateAuthorityFile else { return }
    try set(CURLOPT_CAINFO, file)
    // Instead of the system's, not beside them.
    try set(CURLOPT_CAPATH, nil)
  }

  private func setMethod(_ request: CurlRequest) throws(CurlError) {
    if request.method == "HEAD" { return try set(CURLOPT_NOBODY, 1) }
    if let length = request.announcedLength {
      try set(CURLOPT_UPLOAD, 1)
      // No more than the body needs: libcurl allocates it for every request; 16 KiB is its least.
      try set(CURLOPT_UPLOAD_BUFFERSIZE, Int(min(max(length, 16 << 10), 64 << 10)))
      let code = curl_shim_setopt_offset(raw, CURLOPT_INFILESIZE_LARGE, curl_off_t(length))
      try check(code)
    }
    if request.method != "GET" || request.announcedLength != nil {
      try set(CURLOPT_CUSTOMREQUEST, request.method)
    }
  }

  private func setHeaders(_ headers: [CurlHeader]) throws(CurlError) {
    rest()
    // Without it libcurl asks `100-continue` first, and servers that do not know it cost a second.
    try append("Expect:")
    for header in headers {
      let isBlank = header.value.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 }
      // The semicolon is libcurl's way of sending a header that is there but empty.
      try append(isBlank ? "\(header.name);" : "\(header.name): \(header.value)")
    }
    try check(curl_shim_setopt_list(raw, CURLOPT_HTTPHEADER, headerList))
  }

  private func append(_ line: String) throws(CurlError) {
    guard let list = curl_slist_append(headerList, line) else {
      throw CurlError(.unreachable, "libcurl has no memory")
    }
    headerList = list
  }

  private func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
    try check(curl_shim_setopt_long(raw, option, value))
  }

  private func set(_ option: CURLoption, _ value: String?) throws(CurlError) {
    try check(curl_shim_setopt_text(raw, option, value))
  }

  private func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) throws(CurlError) {
    try check(curl_shim_setopt_pointer(raw, option, value))
  }

  func check(_ code: CURLcode) throws(CurlError) {
    guard code == CURLE_OK else {
      throw CurlError(.invalidRequest, "libcurl refuses an option", code: Int(code.rawValue))
    }
  }

  private func offset(_ info: CURLINFO) -> Int64 {
    var value: curl_off_t = 0
    return curl_shim_getinfo_offset(raw, info, &value) == CURLE_OK ? Int64(value) : 0
  }
}

extension CurlRequest {
  /// The `Content-Length` to send; `nil` for none. PUT and POST say 0 even without a body (RFC 9110, 8.6).
  var announcedLength: Int64? {
    switch body {
    case .bytes(let bytes): Int64(bytes.count)
    case .stream(let length, _): length
    case .none: method == "PUT" || method == "POST" ? 0 : nil
    }
  }
}
