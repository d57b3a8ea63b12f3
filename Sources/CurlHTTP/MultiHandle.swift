// The owner of libcurl's multi handle.

internal import CCurl
internal import CCurlShims

/// Owns a `CURLM`, with its connections.
///
// The transfer thread alone calls anything but `wakeUp`, which libcurl allows from any thread.
// The pointer itself never changes, and is freed when the last owner lets go, after the thread's last call.
final class MultiHandle: @unchecked Sendable {
  private let raw: UnsafeMutableRawPointer

  init(connectionLimit: Int) throws(CurlError) {
    try GlobalInit.run()
    guard let raw = curl_multi_init() else { throw CurlError(.closed, "libcurl has no memory") }
    self.raw = raw
    let limit = max(1, connectionLimit)
    try set(CURLMOPT_MAX_TOTAL_CONNECTIONS, limit)
    try set(CURLMOPT_MAXCONNECTS, limit)
    // One request after another on a connection: HTTP/1.1 without pipelining.
    try set(CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
  }

  deinit { curl_multi_cleanup(raw) }

  func wakeUp() { curl_multi_wakeup(raw) }

  func add(_ handle: EasyHandle) -> CURLMcode { curl_multi_add_handle(raw, handle.raw) }
  func remove(_ handle: EasyHandle) { curl_multi_remove_handle(raw, handle.raw) }

  /// Does what can be done without waiting; callbacks run inside.
  func perform() {
    var running: Int32 = 0
    curl_multi_perform(raw, &running)
  }

  /// Waits for sockets, libcurl's own timers, `wakeUp`, or the end of the time.
  /// Returns on how many sockets something can be done.
  @discardableResult
  func poll(milliseconds: Int32) -> Int {
    var sockets: Int32 = 0
    curl_multi_poll(raw, nil, 0, milliseconds, &sockets)
    return Int(sockets)
  }

  /// Whether a socket has something to do already.
  func isReady() -> Bool { poll(milliseconds: 0) > 0 }

  /// The next transfer that has ended, with its result; it must be removed by the caller.
  func nextEnded() -> (handle: UnsafeMutableRawPointer, result: CURLcode)? {
    var left: Int32 = 0
    while let message = curl_multi_info_read(raw, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else {
        continue
      }
      return (handle, message.pointee.data.result)
    }
    return nil
  }

  private func set(_ option: CURLMoption, _ value: Int) throws(CurlError) {
    let code = curl_shim_multi_setopt_long(raw, option, value)
    guard code == CURLM_OK else {
      throw CurlError(.closed, "libcurl lacks an option", code: Int(code.rawValue))
    }
  }
}
