// The kinds of files that are told apart.

/// What a file's bytes say it is.
///
/// JSON, CSV, Markdown, source code and letters are `text`: no beginning proves more, they are never shown inside of a
/// page, and the name's ending tells the recipient's machine. What is not recognised is `unknown`, and a file that is not
/// recognised is never refused for it.
package enum FileKind: String, Sendable, CaseIterable {
  // Images.
  case jpeg, png, gif, webp, avif, heic, heif, bmp, icon, tiff, svg
  // Sound and film.
  case mp3, aac, m4a, wav, flac, oggAudio, webmAudio, amr
  case mp4, quickTime, webm, matroska, oggVideo, threeGP, avi
  // Documents.
  case pdf, rtf, docx, xlsx, pptx, odt, ods, odp, epub
  case doc, xls, ppt, oleStorage
  // Archives.
  case zip, rar, sevenZip, gzip, bzip2, xz, zstd, tar
  // Texts.
  case text, html, xml
  case unknown

  /// The media type without parameters.
  package var mediaType: String { description.mediaType }

  /// The usual ending of names, without a dot; `nil` where there is none.
  package var ending: String? { description.ending }

  /// Whether it may be shown by the browser itself, under the server's own name.
  ///
  /// Only what browsers show with a decoder that runs nothing of the file: no markup, no scripts, no plug-ins. An SVG is
  /// a page with scripts, whatever its use; so it is never shown, nor is anything that might be taken for markup. PDF
  /// is shown by the browsers' own viewers. A type that the browser cannot show is downloaded, inline or not.
  package var isSafeInline: Bool {
    switch self {
    case .jpeg, .png, .gif, .webp, .avif, .heic, .heif, .bmp, .icon, .pdf: true
    case .mp3, .aac, .m4a, .wav, .flac, .oggAudio, .webmAudio: true
    case .mp4, .quickTime, .webm, .matroska, .oggVideo, .threeGP: true
    default: false
    }
  }

  /// Whether `ImageProbe` can tell its dimensions.
  package var isMeasurable: Bool {
    switch self {
    case .jpeg, .png, .gif, .webp, .avif, .heic, .heif, .bmp, .tiff: true
    default: false
    }
  }

  private var description: (mediaType: String, ending: String?) {
    switch self {
    case .jpeg: ("image/jpeg", "jpg")
    case .png: ("image/png", "png")
    case .gif: ("image/gif", "gif")
    case .webp: ("image/webp", "webp")
    case .avif: ("image/avif", "avif")
    case .heic: ("image/heic", "heic")
    case .heif: ("image/heif", "heif")
    case .bmp: ("image/bmp", "bmp")
    case .icon: ("image/vnd.microsoft.icon", "ico")
    case .tiff: ("image/tiff", "tiff")
    case .svg: ("image/svg+xml", "svg")
    case .mp3: ("audio/mpeg", "mp3")
    case .aac: ("audio/aac", "aac")
    case .m4a: ("audio/mp4", "m4a")
    case .wav: ("audio/wav", "wav")
    case .flac: ("audio/flac", "flac")
    case .oggAudio: ("audio/ogg", "ogg")
    case .webmAudio: ("audio/webm", "webm")
    case .amr: ("audio/amr", "amr")
    case .mp4: ("video/mp4", "mp4")
    case .quickTime: ("video/quicktime", "mov")
    case .webm: ("video/webm", "webm")
    case .matroska: ("video/matroska", "mkv")
    case .oggVideo: ("video/ogg", "ogv")
    case .threeGP: ("video/3gpp", "3gp")
    case .avi: ("video/x-msvideo", "avi")
    default: documentDescription
    }
  }

  private var documentDescription: (mediaType: String, ending: String?) {
    let (office, open) = ("application/vnd.openxmlformats-officedocument", "application/vnd.oasis")
    return switch self {
    case .pdf: ("application/pdf", "pdf")
    case .rtf: ("application/rtf", "rtf")
    case .docx: ("\(office).wordprocessingml.document", "docx")
    case .xlsx: ("\(office).spreadsheetml.sheet", "xlsx")
    case .pptx: ("\(office).presentationml.presentation", "pptx")
    case .odt: ("\(open).opendocument.text", "odt")
    case .ods: ("\(open).opendocument.spreadsheet", "ods")
    case .odp: ("\(open).opendocument.presentation", "odp")
    case .epub: ("application/epub+zip", "epub")
    case .doc: ("application/msword", "doc")
    case .xls: ("application/vnd.ms-excel", "xls")
    case .ppt: ("application/vnd.ms-powerpoint", "ppt")
    case .oleStorage: ("application/x-ole-storage", nil)
    case .zip: ("application/zip", "zip")
    case .rar: ("application/vnd.rar", "rar")
    case .sevenZip: ("application/x-7z-compressed", "7z")
    case .gzip: ("application/gzip", "gz")
    case .bzip2: ("application/x-bzip2", "bz2")
    case .xz: ("application/x-xz", "xz")
    case .zstd: ("application/zstd", "zst")
    case .tar: ("application/x-tar", "tar")
    case .text: ("text/plain", "txt")
    case .html: ("text/html", "html")
    case .xml: ("application/xml", "xml")
    default: ("application/octet-stream", nil)
    }
  }
}
