// Makes the small pictures of files, when somebody first wants to see them.

import ArchiveCore
import Crypto
import Encodings
import Logging
import Uploads

/// Where pictures of files are asked for.
///
/// Pictures are objects first and a word in the file's document then, so nobody is told of one that cannot be fetched.
/// Two nodes that make the same do no harm. A file that cannot be decoded is noted as such and not tried again.
struct PictureDesk: Sendable {
  let work: SharedWork<StoredFile, FilePictures>
  private let files: Files
  private let hasMaker: Bool
  private let settings: ServiceSettings.Pictures

  init(
    files: Files, maker: (any PictureMaker)?, settings: ServiceSettings.Pictures, logger: Logger
  ) {
    (self.files, hasMaker, self.settings) = (files, maker != nil, settings)
    let making = PictureMaking(
      files: files, maker: maker, sides: settings.sides, logger: logger)
    work = SharedWork(
      atOnce: settings.atOnce, queueLimit: settings.queueLimit, refusal: PictureMaking.busy
    ) { file in try await making(file) }
  }

  /// Whether there are, or may be, pictures of a file.
  func promises(_ file: StoredFile) -> Bool {
    if let pictures = file.pictures { return pictures.made != nil }
    guard hasMaker, file.content.kind.isMeasurable,
      file.sizeBytes <= Int64(settings.sourceLimitBytes), let width = file.width,
      let height = file.height
    else { return false }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    return !overflow && pixels <= settings.pixelLimit && max(width, height) <= PixelCap().side
  }

  /// The pictures of a file, made now where nobody did before. Throws `busy` where too many wait.
  func pictures(of file: StoredFile) async throws -> FilePictures {
    if let pictures = file.pictures { return pictures }
    return promises(file) ? try await work.product(of: file) : .none
  }
}

extension PictureDesk {
  /// Of pictures that are noted and not there, as in a store that was restored: who asks again has them made anew.
  func forgetPictures(of file: StoredFile) async throws(StoreError) {
    try await files.stored.update(where: .id(file.id.description), [.unset("pictures")])
  }
}

/// The pictures of a file are not where they were; see `PictureDesk.forgetPictures`.
struct PicturesForgotten: Error {}

extension StoredFile: Identifiable {}

/// The making of one file's pictures.
struct PictureMaking: Sendable {
  let files: Files
  let maker: (any PictureMaker)?
  let sides: PictureSides
  let logger: Logger

  static let busy = ServiceError(
    .busy, "pictures are being made, try again", retryAfter: .seconds(2))

  func callAsFunction(_ file: StoredFile) async throws -> FilePictures {
    do {
      return try await make(file.id)
    } catch let error as PictureError {
      logger.warning(
        "pictures of a file could not be made",
        metadata: ["file": "\(file.id)", "error": "\(error)"])
      throw Self.busy
    }
  }

  private func make(_ id: FileID) async throws -> FilePictures {
    // Another node may have been faster, or the file be gone.
    guard let file = try await files.find(id) else { throw ServiceError.fileIsGone }
    if let pictures = file.pictures { return pictures }
    guard let maker else { return .none }
    let pictures: FilePictures
    do {
      let object = try await files.objects.get(FileKeys.object(id), range: nil)
      pictures = try await store(try await maker.pictures(within: sides, of: object.next), of: id)
    } catch let error as PictureError where error.kind == .unfit {
      logger.notice("a file has no pictures", metadata: ["file": "\(id)", "error": "\(error)"])
      pictures = .none
    }
    try await note(pictures, of: id)
    return pictures
  }

  private func store(_ made: MadePictures, of id: FileID) async throws -> FilePictures {
    func put(_ bytes: [UInt8], _ variant: FileVariant) async throws -> FilePicture {
      try await files.objects.put(
        PictureKeys.object(id, variant), .bytes(bytes), mode: .replace,
        type: FileKind.webp.mediaType)
      return FilePicture(
        sizeBytes: Int64(bytes.count), sha256: Hex.text(Array(SHA256.hash(data: bytes))))
    }
    return FilePictures(
      made: .init(
        preview: try await put(made.preview, .preview),
        thumbnail: try await put(made.thumbnail, .thumbnail)))
  }

  /// Where the file was deleted meanwhile, its pictures go too.
  private func note(_ pictures: FilePictures, of id: FileID) async throws {
    let noted = try await files.stored.update(
      where: .and([.id(id.description), .missing("deletedAt")]),
      [.set("pictures", pictures.stored)])
    guard noted == nil else { return }
    for key in PictureKeys.all(id) { try await files.objects.delete(key) }
    throw ServiceError.fileIsGone
  }
}
