// Files over HTTP.

import ArchiveCore
import HTTPTypes
import Hummingbird
import Uploads

/// Reads requests about files, calls the use cases, writes the answers.
struct FileHandlers: Sendable {
  let files: Files
  let upload: UploadFile
  let remove: RemoveFile

  /// What may stand around the file in its form.
  private static let formBytes: Int64 = 256 << 10

  func upload(_ request: Request, _ context: ServiceContext, _ caller: Caller) async throws
    -> Response
  {
    try refuseTooLarge(request)
    let file = try await upload(caller, try UploadForm(request, context))
    return try JSON.response(FileView(file), .created)
  }

  func show(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    let file = try await files.find(try parameters.fileID(), to: .look, of: caller)
    return try JSON.response(FileView(file))
  }

  func delete(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    try await remove(caller, try parameters.fileID())
    return Response(status: .noContent)
  }

  /// A body that is announced to be too large is refused before it comes. What stands around the file has some room.
  private func refuseTooLarge(_ request: Request) throws {
    guard let text = request.headers[.contentLength], let length = Digits.number(text) else {
      return
    }
    let limit = Int64(files.settings.maxBytes)
    guard length - Self.formBytes <= limit else { throw FileTooLarge(limitBytes: limit) }
  }
}

extension Parameters {
  /// The file that the path names; what is no id is no file.
  func fileID() throws -> FileID {
    guard let id = FileID(self["fileId"].map(String.init) ?? "") else {
      throw ServiceError.noSuchFile
    }
    return id
  }
}
