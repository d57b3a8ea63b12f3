// libxml2's pull reader: the only unsafe code of S3Client.

import CXML2

/// What comes next in a document.
enum XMLEvent {
  /// `isEmpty`: `<a/>`, for which no `end` comes.
  case start(name: String, isEmpty: Bool)
  case text(String)
  case end
}

/// Reads one document from memory, forwards only, inside one call on one thread.
///
/// Owns libxml2's reader and frees it. The bytes are borrowed by libxml2 from `init` to `deinit`, which is why only
/// `read` makes one, inside the array's own closure. No network, no entities, no external subset, no HUGE.
final class XMLPullReader {
  private let handle: xmlTextReaderPtr
  private let limits: XMLLimits

  /// Hands a reader over the bytes to the closure; neither may leave it.
  static func read<Result>(
    _ bytes: [UInt8], limits: XMLLimits,
    _ body: (XMLPullReader) throws(XMLFailure) -> Result
  ) throws(XMLFailure) -> Result {
    _ = library
    return try bytes.withUnsafeBufferPointer { buffer throws(XMLFailure) in
      try body(XMLPullReader(borrowing: buffer, limits: limits))
    }
  }

  /// libxml2 wants to be set up once before several threads use it.
  private static let library: Void = xmlInitParser()

  private init(borrowing buffer: UnsafeBufferPointer<UInt8>, limits: XMLLimits) throws(XMLFailure) {
    // The encoding is forced, whatever the document says: S3 speaks UTF-8, and what was looked at before is then
    // what libxml2 reads.
    let options =
      XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
      | XML_PARSE_IGNORE_ENC.rawValue
    guard let start = buffer.baseAddress, let count = Int32(exactly: buffer.count) else {
      throw XMLFailure(.malformed, "the document has no bytes, or too many")
    }
    let handle = start.withMemoryRebound(to: CChar.self, capacity: buffer.count) {
      xmlReaderForMemory($0, count, nil, "UTF-8", Int32(bitPattern: options))
    }
    guard let handle else { throw XMLFailure(.tooLarge, "no memory for a reader") }
    (self.handle, self.limits) = (handle, limits)
    // A handler that does nothing: otherwise a few errors are written to standard error.
    xmlTextReaderSetStructuredErrorHandler(handle, { _, _ in }, nil)
  }

  deinit { xmlFreeTextReader(handle) }

  /// `nil` at the end of a whole document.
  func next() throws(XMLFailure) -> XMLEvent? {
    while true {
      let code = xmlTextReaderRead(handle)
      if code == 0 { return nil }
      guard code == 1 else {
        throw XMLFailure(.malformed, "the document is not well-formed XML in UTF-8")
      }
      if let event = try event() { return event }
    }
  }

  /// The node where the reader stands; `nil` for what S3 gives no meaning to, as comments.
  private func event() throws(XMLFailure) -> XMLEvent? {
    switch xmlReaderTypes(UInt32(bitPattern: xmlTextReaderNodeType(handle))) {
    case XML_READER_TYPE_ELEMENT: return try start()
    case XML_READER_TYPE_END_ELEMENT: return .end
    case XML_READER_TYPE_TEXT, XML_READER_TYPE_CDATA, XML_READER_TYPE_WHITESPACE,
      XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
      return .text(try string(xmlTextReaderConstValue(handle), limitBytes: limits.textBytes))
    case XML_READER_TYPE_COMMENT, XML_READER_TYPE_PROCESSING_INSTRUCTION,
      XML_READER_TYPE_XML_DECLARATION:
      return nil
    case XML_READER_TYPE_DOCUMENT_TYPE:
      throw XMLFailure(.forbidden, "the document has a document type")
    default:
      // Entity references and whatever else there may be.
      throw XMLFailure(.forbidden, "the document has an entity or another node that S3 has not")
    }
  }

  private func start() throws(XMLFailure) -> XMLEvent {
    guard xmlTextReaderAttributeCount(handle) <= Int32(clamping: limits.attributes) else {
      throw XMLFailure(.tooLarge, "an element has too many attributes")
    }
    let name = try string(xmlTextReaderConstLocalName(handle), limitBytes: 1024)
    return .start(name: name, isEmpty: xmlTextReaderIsEmptyElement(handle) == 1)
  }

  /// Copies a text of libxml2, which lives until the next step only.
  private func string(
    _ text: UnsafePointer<xmlChar>?, limitBytes: Int
  ) throws(XMLFailure) -> String {
    guard let text else { return "" }
    let count = Int(xmlStrlen(text))
    guard count <= limitBytes else { throw XMLFailure(.tooLarge, "a text is too long") }
    return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
  }
}
