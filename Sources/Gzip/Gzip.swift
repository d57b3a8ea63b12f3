// Gzip members over zlib: compress one, decompress one or many.

internal import CZlib

/// Why bytes could not be decompressed.
public enum GzipError: Error, Equatable, Sendable {
  /// The bytes are no gzip, or their checksum is wrong.
  case damaged
  /// The bytes end inside a member.
  case truncated
  /// More comes out than the caller allows.
  case tooLarge
}

/// Gzip as RFC 1952 has it. No state; safe from any thread; works on memory only.
public enum Gzip {
  /// One member. The same bytes and level give the same result (with the same zlib): no name, no time in the header.
  public static func member(of bytes: some Sequence<UInt8>, level: Int32 = 6) -> [UInt8] {
    var input = Array(bytes)
    var stream = z_stream()
    let status = deflateInit2_(
      &stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib refuses fixed parameters or memory is exhausted")
    defer { deflateEnd(&stream) }
    let capacity = Int(deflateBound(&stream, uLong(input.count)))
    return [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      input.withUnsafeMutableBufferPointer { source in
        stream.next_in = source.baseAddress
        stream.avail_in = uInt(source.count)
        stream.next_out = output.baseAddress
        stream.avail_out = uInt(output.count)
        // The output has the bound's size, so a single call finishes.
        let finished = deflate(&stream, Z_FINISH)
        precondition(finished == Z_STREAM_END, "deflateBound was too small")
      }
      count = Int(stream.total_out)
    }
  }

  /// All members of `bytes`, one after another, decompressed. At most `limitBytes` come out.
  public static func decompress(_ bytes: [UInt8], limitBytes: Int) throws(GzipError) -> [UInt8] {
    var output: [UInt8] = []
    var offset = 0
    while offset < bytes.count {
      let (plain, length) = try firstMember(
        of: bytes[offset...], limitBytes: limitBytes - output.count)
      output += plain
      offset += length
    }
    return output
  }

  /// The first member of `bytes`, and how many bytes it takes.
  public static func firstMember(of bytes: ArraySlice<UInt8>, limitBytes: Int) throws(GzipError)
    -> (plain: [UInt8], length: Int)
  {
    var input = bytes
    var stream = z_stream()
    let status = inflateInit2_(
      &stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib refuses fixed parameters or memory is exhausted")
    defer { inflateEnd(&stream) }
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var plain: [UInt8] = []
    var failure: GzipError?
    input.withUnsafeMutableBufferPointer { source in
      stream.next_in = source.baseAddress
      stream.avail_in = uInt(source.count)
      var state = Z_OK
      while state != Z_STREAM_END {
        let produced = chunk.withUnsafeMutableBufferPointer { target -> Int in
          stream.next_out = target.baseAddress
          stream.avail_out = uInt(target.count)
          state = inflate(&stream, Z_NO_FLUSH)
          return target.count - Int(stream.avail_out)
        }
        guard plain.count + produced <= limitBytes else { failure = .tooLarge; return }
        plain += chunk[..<produced]
        if state == Z_STREAM_END { return }
        guard state == Z_OK else {
          failure = state == Z_BUF_ERROR ? .truncated : .damaged
          return
        }
      }
    }
    if let failure { throw failure }
    return (plain, Int(stream.total_in))
  }
}
