// Beginnings of files, and headers of images.

import Uploads

/// Tells the bytes' kind, and measures them as what they are and as what they are not.
@Sendable
func fuzzMedia(_ bytes: [UInt8]) {
  let content = SniffedContent(prefix: bytes, isWhole: true)
  let prefix = Array(bytes.prefix(SniffedContent.prefixLimitBytes))
  if bytes.count > prefix.count {
    precondition(
      SniffedContent(prefix: prefix, isWhole: false) == content, "only the prefix is looked at")
  }
  let isMarkup = [.html, .svg, .xml, .text, .unknown].contains(content.kind)
  precondition(!(isMarkup && content.isSafeInline), "no page is inline")
  for kind in Set([content.kind, .jpeg, .png, .gif, .webp, .bmp, .tiff, .avif]) {
    let whole = header(kind, bytes, chunk: max(1, bytes.count))
    precondition(whole == header(kind, bytes, chunk: 3), "an image is the same, however it is cut")
    guard let whole else { continue }
    let (stored, shown) = (whole.stored, whole.shown)
    precondition(stored.width > 0 && stored.height > 0, "an image has sides")
    precondition(stored.pixels == shown.pixels, "turning an image keeps its pixels")
    _ = PixelCap().admits(whole)
  }
}

private func header(_ kind: FileKind, _ bytes: [UInt8], chunk: Int) -> ImageHeader? {
  guard var probe = ImageProbe(kind) else { return nil }
  for start in stride(from: 0, to: bytes.count, by: chunk) where !probe.isDone {
    probe.feed(bytes[start..<min(start + chunk, bytes.count)])
  }
  probe.finish()
  return probe.header
}
