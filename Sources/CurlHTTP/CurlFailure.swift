// What libcurl's result codes mean to a caller: the one table.

internal import CCurl

/// Turns a result of libcurl into a `CurlError`.
enum CurlFailure {
  /// - Parameters:
  ///   - wasConnected: a connection stood, so that bytes of the request may have gone out.
  ///   - hadSystemError: the system reported an error of the connection.
  static func kind(of code: CURLcode, wasConnected: Bool, hadSystemError: Bool) -> CurlError.Kind {
    switch code {
    case CURLE_URL_MALFORMAT:
      return .invalidRequest
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
      CURLE_PROXY,
      CURLE_NO_CONNECTION_AVAILABLE:
      return .unreachable
    case CURLE_SSL_CONNECT_ERROR:
      // A peer that hangs up during the handshake is away, not untrusted: trying again may help.
      return hadSystemError ? .unreachable : .untrusted
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
      CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CRL_BADFILE,
      CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT:
      return .untrusted
    case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING,
      CURLE_OUT_OF_MEMORY, CURLE_BAD_FUNCTION_ARGUMENT:
      // Out of memory is also what libcurl 7.88 says of a head line above its limit of 100 KiB.
      return wasConnected ? .badAnswer : .unreachable
    case CURLE_OPERATION_TIMEDOUT:
      return wasConnected ? .timedOut : .unreachable
    default:
      return wasConnected ? .broken : .unreachable
    }
  }

  /// - Parameter detail: libcurl's own words for this transfer, "" for none. Shown only where no connection
  ///   stood: later they may quote the server.
  static func error(
    _ code: CURLcode, place: String, detail: String, wasConnected: Bool, hadSystemError: Bool
  ) -> CurlError {
    // A connection that just ends leaves no error of the system behind; OpenSSL's own word for both is this one.
    let hungUp = hadSystemError || detail.contains("SSL_ERROR_SYSCALL")
    let kind = kind(of: code, wasConnected: wasConnected, hadSystemError: hungUp)
    let general = String(cString: curl_easy_strerror(code))
    let shown = wasConnected || detail.isEmpty ? general : printable(detail)
    return CurlError(kind, "\(sentence(kind)): \(shown) host=`\(place)`", code: Int(code.rawValue))
  }

  private static func sentence(_ kind: CurlError.Kind) -> String {
    switch kind {
    case .unreachable: "the server cannot be reached"
    case .untrusted: "the server cannot be trusted"
    case .badAnswer: "the answer is not acceptable HTTP"
    case .invalidRequest: "the request cannot be sent"
    case .timedOut: "a deadline passed"
    default: "the transfer broke off"
    }
  }

  private static func printable(_ text: String) -> String {
    String(
      text.unicodeScalars.prefix(200).map { $0.value >= 32 && $0.value < 127 ? Character($0) : "?" }
    )
  }
}
