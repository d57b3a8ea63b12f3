// How large an image is, and which way up.

/// Width and height as the file stores them, in pixels, each 1 or more.
package struct PixelSize: Sendable, Hashable {
  package let width: Int
  package let height: Int

  /// `nil` where a side is not positive, or longer than any format has room for.
  package init?(width: Int, height: Int) {
    let sides = 1...Int(UInt32.max)
    guard sides.contains(width), sides.contains(height) else { return nil }
    (self.width, self.height) = (width, height)
  }

  /// The number of pixels; `Int.max` where it is larger.
  package var pixels: Int {
    let (product, overflow) = width.multipliedReportingOverflow(by: height)
    return overflow ? .max : product
  }
}

/// How an image must be turned to be seen upright (Exif 2.32, 4.6.4, tag 274). The raw value is the tag's.
package enum ImageOrientation: Int, Sendable, CaseIterable {
  case upright = 1
  case mirrored, turnedHalf, flipped, transposed, turnedRight, transversed, turnedLeft

  /// Whether width and height are the other way round for who looks at it.
  package var swapsSides: Bool { rawValue >= 5 }
}

/// What an image's header says.
package struct ImageHeader: Sendable, Hashable {
  /// What is decoded.
  package let stored: PixelSize
  /// What of it is meant to be seen, not yet turned: less than all in HEIF, whose codecs want even sides.
  package let visible: PixelSize
  package var orientation: ImageOrientation

  init(_ stored: PixelSize, _ orientation: ImageOrientation = .upright, visible: PixelSize? = nil) {
    (self.stored, self.visible, self.orientation) = (stored, visible ?? stored, orientation)
  }

  /// As it is to be shown.
  package var shown: PixelSize {
    guard orientation.swapsSides else { return visible }
    return PixelSize(width: visible.height, height: visible.width) ?? visible
  }
}

/// How large an image may be to be decoded. A file of 2 KB can announce 2,500,000,000 pixels.
package struct PixelCap: Sendable, Equatable {
  package var pixels: Int
  package var side: Int

  /// - Parameters:
  ///   - pixels: of the whole image: 100 million take 400 MB decoded, and no phone makes more than 200 million.
  ///   - side: the longer one; JPEG, WebP and AVIF have no longer ones.
  package init(pixels: Int = 100_000_000, side: Int = 65_535) {
    (self.pixels, self.side) = (pixels, side)
  }

  /// What is not known is not admitted: only a header that was read can promise how much memory decoding takes.
  package func admits(_ header: ImageHeader?) -> Bool {
    guard let size = header?.stored else { return false }
    return size.pixels <= pixels && max(size.width, size.height) <= side
  }
}
