// A WebP file with its picture and nothing else.

/// Takes out of a WebP file whatever is not needed to show it (RFC 9649, 2): what a camera or a program wrote, colour
/// profiles, chunks that nobody knows. What is left is chosen by name, so nothing gets through for being new.
///
/// Meant for files in sRGB, which need no profile. libvips 8.14 writes Exif although it is told not to.
package enum BareWebP: Sendable {
  /// The bits of VP8X that stay: that there is transparency.
  private static let alphaFlag: UInt8 = 0x10

  /// `nil` for what is no whole WebP file, and for films.
  package static func bytes(of file: [UInt8]) -> [UInt8]? {
    guard file.count >= 12, file.count <= Int(Int32.max), file.starts(with: "RIFF".utf8),
      file[8..<12].elementsEqual("WEBP".utf8), number(file[4..<8]) == file.count - 8
    else { return nil }
    var (bare, place, pictures): ([UInt8], Int, Int) = (Array("WEBP".utf8), 12, 0)
    while place < file.count {
      guard file.count - place >= 8 else { return nil }
      let size = number(file[place + 4..<place + 8])
      let end = place + 8 + size + size % 2
      guard end <= file.count else { return nil }
      switch String(decoding: file[place..<place + 4], as: UTF8.self) {
      case "VP8X":
        guard size == 10, place == 12 else { return nil }
        var chunk = Array(file[place..<end])
        chunk[8] &= alphaFlag
        bare += chunk
      case "ALPH": bare += file[place..<end]
      case "VP8 ", "VP8L":
        bare += file[place..<end]
        pictures += 1
      case "ANIM", "ANMF": return nil
      default: break
      }
      place = end
    }
    guard pictures == 1 else { return nil }
    let size = UInt32(bare.count)
    return Array("RIFF".utf8) + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) } + bare
  }

  /// Four bytes, the least first.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
