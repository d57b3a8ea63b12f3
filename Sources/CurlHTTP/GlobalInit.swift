// libcurl's initialisation, once for the process.

internal import CCurl
internal import CCurlShims

/// libcurl wants one call before all others; a static makes it so, whatever thread comes first.
/// It is never undone: other libraries in the process may use libcurl as well.
enum GlobalInit {
  static let code: CURLcode = curl_shim_global_init()

  static func run() throws(CurlError) {
    guard code == CURLE_OK else {
      throw CurlError(.closed, "libcurl cannot be initialised", code: Int(code.rawValue))
    }
  }
}
