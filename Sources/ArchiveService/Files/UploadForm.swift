// The form that brings a file: multipart/form-data, read as it comes in.

import HTTPTypes
import Hummingbird
import Uploads

/// A request's body in chunks, pulled by whoever stores them, so that nothing is read faster than it is stored.
///
/// Unchecked: one pulls at a time, the handler or the store that it hands this to.
final class RequestChunks: @unchecked Sendable {
  private var iterator: RequestBody.AsyncIterator
  private let wantBody: @Sendable () -> Void
  private var isBegun = false

  init(_ request: Request, _ context: ServiceContext) {
    iterator = request.body.makeAsyncIterator()
    wantBody = context.wantBody
  }

  func next() async throws -> [UInt8]? {
    if !isBegun { wantBody() }
    isBegun = true
    return try await iterator.next().map { Array($0.readableBytesView) }
  }
}

/// The field `file` of a form, and the form's other fields passed over.
///
/// Unchecked: one pulls at a time; see `RequestChunks`.
final class UploadForm: @unchecked Sendable {
  /// What all other fields may hold together.
  private static let otherLimitBytes = 64 << 10
  private static let fieldName = "file"

  private let chunks: RequestChunks
  private var parser: MultipartParser
  private var events: ArraySlice<MultipartEvent> = []
  private var otherBytes = 0

  /// Throws `MultipartError` where the request is no form.
  init(_ request: Request, _ context: ServiceContext) throws {
    guard let type = request.headers[.contentType] else {
      throw Problem.closing(.unsupportedMediaType, "the body must be multipart/form-data")
    }
    guard [nil, "identity"].contains(request.headers[.contentEncoding]?.lowercased()) else {
      throw Problem.closing(.unsupportedMediaType, "the body must not be compressed")
    }
    parser = MultipartParser(try MultipartBoundary(contentType: type))
    chunks = RequestChunks(request, context)
  }

  /// Goes to the file; its content comes next. Returns the name as it was sent.
  func beginFile() async throws -> String {
    while let event = try await next() {
      switch event {
      case .part(let part) where part.name == Self.fieldName:
        guard let name = part.filename else {
          throw ServiceError.field(Self.fieldName, "is a text and no file")
        }
        return name
      case .content(let bytes): try pass(bytes)
      case .part, .partEnd: break
      case .end: throw ServiceError.field(Self.fieldName, "is missing")
      }
    }
    throw ServiceError.field(Self.fieldName, "is missing")
  }

  /// The next bytes of the file; `nil` behind the last.
  func content() async throws -> [UInt8]? {
    while let event = try await next() {
      switch event {
      case .content(let bytes): return Array(bytes)
      case .partEnd, .end: return nil
      case .part: break
      }
    }
    return nil
  }

  /// Reads the rest, so that a form that is cut off, or has a second file, brings none.
  func finish() async throws {
    while let event = try await next() {
      switch event {
      case .part(let part) where part.name == Self.fieldName:
        throw ServiceError.field(Self.fieldName, "is there twice; send one file at a time")
      case .content(let bytes): try pass(bytes)
      case .part, .partEnd, .end: break
      }
    }
  }

  private func pass(_ bytes: ArraySlice<UInt8>) throws {
    otherBytes += bytes.count
    guard otherBytes <= Self.otherLimitBytes else {
      throw Problem.closing(.contentTooLarge, "the form's other fields hold too much")
    }
  }

  private func next() async throws -> MultipartEvent? {
    while events.isEmpty {
      guard let chunk = try await chunks.next() else {
        try parser.finish()
        return nil
      }
      events = try parser.feed(chunk)[...]
    }
    return events.popFirst()
  }
}
