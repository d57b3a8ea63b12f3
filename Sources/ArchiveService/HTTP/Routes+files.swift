// The part of the router that is about files.

import Hummingbird

extension Routes {
  /// The answer of a route that is about files; `nil` where it is about something else.
  func answerAboutFiles(
    _ endpoint: Endpoint, _ request: Request, _ context: ServiceContext, _ caller: Caller
  ) async throws -> Response? {
    switch endpoint {
    case .uploadFile: try await files.upload(request, context, caller)
    case .showFile: try await files.show(context.parameters, caller)
    case .deleteFile: try await files.delete(context.parameters, caller)
    case .tusCreate: try await resumable.create(request, context, caller)
    case .tusHead: try await resumable.head(request, context, caller)
    case .tusPatch: try await resumable.patch(request, context, caller)
    case .tusDelete: try await resumable.delete(request, context, caller)
    case .tusOverride: try await resumable.override(request, context, caller)
    default: nil
    }
  }
}
