// What libcurl's result codes and the server's last word mean to a caller: the one table.

internal import CCurl

/// Turns the end of a dialogue into an `SMTPError`.
enum SMTPFailure {
  static func error(
    _ code: CURLcode, _ stage: SMTPStage, _ reply: SMTPReply?, isCancelled: Bool, place: String
  ) -> SMTPError {
    if code == CURLE_ABORTED_BY_CALLBACK, isCancelled {
      return SMTPError(
        stage < .data ? .cancelled : .broken, "the task was cancelled", stage: stage)
    }
    if let (kind, message) = fault(code, stage) {
      return SMTPError(kind, "\(message) server=`\(place)`", stage: stage, reply: reply)
    }
    guard let reply, reply.code >= 400 else {
      let detail = String(cString: curl_easy_strerror(code))
      let kind: SMTPError.Kind = stage == .connecting ? .unreachable : .broken
      return SMTPError(
        kind, "the dialogue broke off: \(detail) server=`\(place)`", stage: stage, reply: reply)
    }
    return refusal(reply, stage, place)
  }

  /// What says enough whatever the server said.
  private static func fault(_ code: CURLcode, _ stage: SMTPStage) -> (SMTPError.Kind, String)? {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: (.unreachable, "the server's name is not known")
    case CURLE_COULDNT_CONNECT: (.unreachable, "the server cannot be reached")
    case CURLE_OPERATION_TIMEDOUT:
      stage == .connecting
        ? (.unreachable, "the server does not answer") : (.broken, "a deadline passed")
    case CURLE_USE_SSL_FAILED: (.untrusted, "the server does not offer STARTTLS")
    case CURLE_PEER_FAILED_VERIFICATION: (.untrusted, "the server's certificate is not trusted")
    case CURLE_SSL_CACERT_BADFILE: (.untrusted, "the file of certificates cannot be used")
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_ENGINE_SETFAILED:
      (.untrusted, "there is no agreement on encryption")
    default: nil
    }
  }

  private static func refusal(_ reply: SMTPReply, _ stage: SMTPStage, _ place: String) -> SMTPError
  {
    // 530, 534, 535, 538: RFC 4954. A 4yz while signing in is a server in trouble.
    let isAboutSignIn = [530, 534, 535, 538].contains(reply.code) || stage == .signIn
    let kind: SMTPError.Kind =
      reply.code < 500 ? .later : isAboutSignIn ? .notSignedIn : .refused
    let message =
      switch kind {
      case .later: "the server wants no mail now"
      case .notSignedIn: "the server does not let us in"
      default: "the server refuses"
      }
    return SMTPError(kind, "\(message) server=`\(place)`", stage: stage, reply: reply)
  }
}
