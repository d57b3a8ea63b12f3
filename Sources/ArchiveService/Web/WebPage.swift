// The web page as it is served: its files under a name that changes with what is in them.

import CWebPage
import Crypto
import Encodings
import Gzip
import NIOCore

/// Every file of the page, made ready once.
///
/// All lie below `/web/VERSION/`, where the version is a hash of all of them. So modules find each other by relative
/// paths, no two versions are ever mixed, and each file may be kept for ever. The index names each with its hash
/// (`integrity`), and preloads all modules, so that they do not have to be found one behind the other.
struct WebPage: Sendable {
  struct File: Sendable {
    let contentType: String
    let plain: ByteBuffer
    let gzipped: ByteBuffer

    fileprivate init(_ bytes: [UInt8], contentType: String) {
      self.contentType = contentType
      plain = ByteBuffer(bytes: bytes)
      gzipped = ByteBuffer(bytes: Gzip.member(of: bytes, level: 9))
    }
  }

  /// Nothing in it depends on the deployment.
  static let embedded = WebPage()

  let version: String
  let index: File
  /// Names the state of the index.
  let indexTag: String
  private let files: [String: File]

  init() {
    let sources = Self.sources()
    version = Self.version(of: sources)
    var index: [UInt8] = []
    var files: [String: File] = [:]
    for source in sources {
      if source.path == "index.html" {
        index = source.bytes
      } else if let type = Self.contentTypes[source.ending] {
        files[source.path] = File(source.bytes, contentType: type)
      }
    }
    let lines = Self.lines(sources, version: version).joined(separator: "\n")
    let html = String(decoding: index, as: UTF8.self).replacing(Self.mark, with: lines)
    self.index = File(Array(html.utf8), contentType: "text/html; charset=utf-8")
    indexTag = "\"\(Hex.text(SHA256.hash(data: Array(html.utf8)).prefix(16)))\""
    self.files = files
  }

  /// A file of this version; other versions are not known.
  func file(version: String?, folder: String?, name: String?) -> File? {
    guard let folder, let name, version == self.version else { return nil }
    return files["\(folder)/\(name)"]
  }

  /// The lines that name style sheets, for other pages of the server.
  func styles(_ names: [String]) -> String {
    names.map { #"<link rel="stylesheet" href="/web/\#(version)/css/\#($0).css">"# }
      .joined(separator: "\n")
  }

  /// What the page may do. Nothing in it is inline, and no text becomes markup. Nothing comes from elsewhere, except
  /// pictures where the server sends those who fetch files on to the object store.
  static func contentSecurityPolicy(picturesFrom origin: WebOrigin?) -> String {
    let pictures = ["img-src 'self' blob:", origin?.text].compactMap(\.self)
    return [
      "default-src 'none'", "script-src 'self'", "style-src 'self'",
      pictures.joined(separator: " "), "media-src 'self' blob:", "connect-src 'self'",
      "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
      "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")
  }
}

// MARK: - How it is put together

extension WebPage {
  private struct Source {
    let path: String
    let bytes: [UInt8]

    var ending: Substring { path.split(separator: ".").last ?? "" }
    var integrity: String { "sha256-" + Base64.standard.text(SHA256.hash(data: bytes)) }
  }

  /// Stands in the index where the lines that name the files go.
  private static let mark = "<!-- files -->"

  private static let contentTypes: [Substring: String] = [
    "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
  ]

  /// Later rules win, so the order counts; what is not named comes last.
  private static let styleOrder = ["system", "base", "controls", "layout"]
  private static let entrance = "shell/main.js"

  private static func sources() -> [Source] {
    UnsafeBufferPointer(start: cweb_page_files, count: cweb_page_file_count).map { file in
      Source(
        path: String(cString: file.path),
        bytes: Array(UnsafeBufferPointer(start: file.bytes, count: file.length)))
    }
  }

  private static func version(of sources: [Source]) -> String {
    var hash = SHA256()
    for source in sources {
      hash.update(data: Array("\(source.path) \(source.bytes.count) ".utf8))
      hash.update(data: source.bytes)
    }
    return Hex.text(hash.finalize().prefix(8))
  }

  private static func lines(_ sources: [Source], version: String) -> [String] {
    let styles = sources.filter { $0.ending == "css" }.sorted { place(of: $0) < place(of: $1) }
    let scripts = sources.filter { $0.ending == "js" }
    let address = { (source: Source) in "/web/\(version)/\(source.path)" }
    return [
      #"<link rel="icon" href="/web/\#(version)/pictures/icon.svg" type="image/svg+xml">"#
    ]
      + styles.map {
        #"<link rel="stylesheet" href="\#(address($0))" integrity="\#($0.integrity)">"#
      }
      + scripts.filter { $0.path != entrance }.map {
        #"<link rel="modulepreload" href="\#(address($0))" integrity="\#($0.integrity)">"#
      }
      + scripts.filter { $0.path == entrance }.map {
        #"<script type="module" src="\#(address($0))" integrity="\#($0.integrity)"></script>"#
      }
  }

  private static func place(of style: Source) -> Int {
    styleOrder.firstIndex { style.path == "css/\($0).css" } ?? styleOrder.count
  }
}
