// Single messages compressed and decompressed on their own, as RFC 7692 (permessage-deflate) has them.

internal import CZlib

/// Compresses messages one after another, each without memory of those before. One thread at a time.
///
/// A window of 4 KiB: every receiver that allows that much or more reads it, and nobody needs memory per connection.
public final class MessageDeflater {
  /// What receivers must allow (`server_max_window_bits`).
  public static let windowBits = 12

  private var stream = z_stream()
  private var chunk = [UInt8](repeating: 0, count: 8 << 10)

  public init() {
    // Memory level 5 goes with the window: 32 KiB in all. Level 3, since it runs where others wait.
    let status = deflateInit2_(
      &stream, 3, Z_DEFLATED, Int32(-Self.windowBits), 5, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib refuses fixed parameters or memory is exhausted")
  }

  deinit { deflateEnd(&stream) }

  /// The payload of a compressed message: without the four bytes at its end that the receiver knows.
  public func compress(_ bytes: [UInt8]) -> [UInt8] {
    deflateReset(&stream)
    var input = bytes
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count / 2 + 64)
    input.withUnsafeMutableBufferPointer { source in
      stream.next_in = source.baseAddress
      stream.avail_in = uInt(source.count)
      repeat { deflatePiece(into: &output) } while stream.avail_out == 0
    }
    (stream.next_in, stream.next_out) = (nil, nil)
    output.removeLast(min(4, output.count))
    // An empty message: RFC 7692, 7.2.3.6.
    return output.isEmpty ? [0] : output
  }

  /// As much as one chunk holds. One that is filled to the brim may not have been the last.
  private func deflatePiece(into output: inout [UInt8]) {
    let produced = chunk.withUnsafeMutableBufferPointer { target -> Int in
      stream.next_out = target.baseAddress
      stream.avail_out = uInt(target.count)
      deflate(&stream, Z_SYNC_FLUSH)
      return target.count - Int(stream.avail_out)
    }
    output += chunk[..<produced]
  }
}

/// Decompresses messages one after another, each on its own. One thread at a time.
public final class MessageInflater {
  private var stream = z_stream()
  private var chunk = [UInt8](repeating: 0, count: 16 << 10)

  public init() {
    let status = inflateInit2_(
      &stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib refuses fixed parameters or memory is exhausted")
  }

  deinit { inflateEnd(&stream) }

  /// What was compressed. At most `limitBytes` come out, and not much more than that is ever unpacked.
  public func decompress(_ bytes: [UInt8], limitBytes: Int) throws(GzipError) -> [UInt8] {
    inflateReset(&stream)
    // What the sender leaves out at the end.
    var input = bytes
    input += [0x00, 0x00, 0xFF, 0xFF]
    var output: [UInt8] = []
    var failure: GzipError?
    input.withUnsafeMutableBufferPointer { source in
      stream.next_in = source.baseAddress
      stream.avail_in = uInt(source.count)
      failure = inflateAll(into: &output, limitBytes: limitBytes)
    }
    (stream.next_in, stream.next_out) = (nil, nil)
    if let failure { throw failure }
    return output
  }

  private func inflateAll(into output: inout [UInt8], limitBytes: Int) -> GzipError? {
    while true {
      var state = Z_OK
      let produced = chunk.withUnsafeMutableBufferPointer { target -> Int in
        stream.next_out = target.baseAddress
        stream.avail_out = uInt(target.count)
        state = inflate(&stream, Z_SYNC_FLUSH)
        return target.count - Int(stream.avail_out)
      }
      guard output.count + produced <= limitBytes else { return .tooLarge }
      output += chunk[..<produced]
      switch state {
      case Z_STREAM_END:
        // A sender may end its stream; what follows the end can only be what we added ourselves.
        return stream.avail_in <= 5 ? nil : .damaged
      case Z_OK where produced > 0 && stream.avail_out == 0: continue
      case Z_OK, Z_BUF_ERROR: return stream.avail_in == 0 ? nil : .damaged
      default: return .damaged
      }
    }
  }
}
