// The C functions that libcurl calls during a transfer.

internal import CCurl
internal import CCurlShims

/// libcurl's callbacks. All run on the transfer thread, inside `perform` or `pause`; their context is the
/// `Transfer`, which the loop keeps alive until its handle has been removed.
enum TransferCallbacks {
  static func install(in handle: EasyHandle) throws(CurlError) {
    try handle.check(curl_shim_setopt_data(handle.raw, CURLOPT_HEADERFUNCTION, header))
    try handle.check(curl_shim_setopt_data(handle.raw, CURLOPT_WRITEFUNCTION, write))
    try handle.check(curl_shim_setopt_data(handle.raw, CURLOPT_READFUNCTION, read))
    try handle.check(curl_shim_setopt_seek(handle.raw, seek))
    try handle.check(curl_shim_setopt_prereq(handle.raw, connected))
  }

  private static let header: curl_shim_data_function = { bytes, size, count, context in
    // Any number but the whole means refused; a header line is never empty.
    guard let transfer = transfer(context) else { return 0 }
    return transfer.takeHeadLine(UnsafeRawBufferPointer(start: bytes, count: size * count))
      ? size * count : 0
  }

  private static let write: curl_shim_data_function = { bytes, size, count, context in
    guard let transfer = transfer(context) else { return 0 }
    switch transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) {
    case .taken: return size * count
    case .full: return Int(CURL_WRITEFUNC_PAUSE)
    case .refused: return 0
    }
  }

  private static let read: curl_shim_data_function = { bytes, size, count, context in
    guard let transfer = transfer(context) else { return Int(CURL_READFUNC_ABORT) }
    let room = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return transfer.giveBody(room) ?? Int(CURL_READFUNC_PAUSE)
  }

  private static let seek: curl_seek_callback = { context, offset, origin in
    guard let transfer = transfer(context), origin == SEEK_SET, offset >= 0 else {
      return CURL_SEEKFUNC_FAIL
    }
    return transfer.rewindBody(to: Int64(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
  }

  private static let connected: curl_prereq_callback = { context, _, _, _, _ in
    transfer(context)?.connected()
    return CURL_PREREQFUNC_OK
  }

  static func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }
}
