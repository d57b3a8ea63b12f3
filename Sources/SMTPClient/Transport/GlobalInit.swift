// libcurl's initialisation, once for the process.

internal import CCurl
internal import CCurlShims

/// libcurl wants one call before all others; a static makes it so, whatever thread comes first. It counts the calls of
/// several modules, and is never undone.
enum GlobalInit {
  static let code: CURLcode = curl_shim_global_init()

  static func run() throws(SMTPError) {
    guard code == CURLE_OK else {
      throw SMTPError(.closed, "libcurl cannot be initialised code=`\(code.rawValue)`")
    }
  }
}
