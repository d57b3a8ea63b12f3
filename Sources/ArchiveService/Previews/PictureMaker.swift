// The port behind which pictures are decoded.

/// Makes small pictures of large ones, outside of this process: who sends a picture chooses every byte that its decoder
/// reads.
///
/// - What comes out is upright, in sRGB, and has nothing of what a camera or a program wrote into the original: no
///   place, no time, no device, no comment, no smaller copy.
/// - It ends within a time and takes no more memory than its maker set, whatever the original is.
public protocol PictureMaker: Sendable {
  /// The preview and the thumbnail of an original, each within a square of so many pixels, and never larger than the
  /// original.
  ///
  /// - Parameter next: the original's bytes in order, `nil` at the end.
  func pictures(
    within sides: PictureSides, of next: @escaping @Sendable () async throws -> [UInt8]?
  ) async throws -> MadePictures
}

/// The longest side of each picture, in pixels.
public struct PictureSides: Sendable, Hashable {
  public var preview: Int
  public var thumbnail: Int

  public init(preview: Int = 1600, thumbnail: Int = 320) {
    (self.preview, self.thumbnail) = (preview, thumbnail)
  }
}

/// WebP files.
public struct MadePictures: Sendable {
  public let preview: [UInt8]
  public let thumbnail: [UInt8]

  public init(preview: [UInt8], thumbnail: [UInt8]) {
    (self.preview, self.thumbnail) = (preview, thumbnail)
  }
}

/// Why there are none.
public struct PictureError: Error, Sendable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    /// This original cannot be decoded, or not within the limits: not ever.
    case unfit
    /// Not now: no room, or the program cannot be started.
    case unavailable
  }

  public let kind: Kind
  /// For the operator: lower case, ending in key=`value`.
  public let message: String

  public init(_ kind: Kind, _ message: String) { (self.kind, self.message) = (kind, message) }

  public var description: String { "\(kind.rawValue): \(message)" }
}
