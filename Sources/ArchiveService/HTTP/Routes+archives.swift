// The part of the router that is about archives.

import Hummingbird

extension Routes {
  /// The answer of a route that is about archives; `nil` where it is about something else.
  func answerAboutArchives(
    _ endpoint: Endpoint, _ request: Request, _ context: ServiceContext, _ caller: Caller
  ) async throws -> Response? {
    let parameters = context.parameters
    return switch endpoint {
    case .listArchives: try await archives.list(request, context, caller)
    case .showArchive: try await archives.show(parameters, caller)
    case .listSegments: try await archives.segments(request, parameters, caller)
    case .downloadSegment: try await archives.segment(request, context, caller)
    case .downloadArchive: try await archives.entries(request, context, caller)
    case .beginVerification: try await archives.beginVerification(request, context, caller)
    case .listVerifications: try await archives.listVerifications(request, caller)
    case .showVerification: try await archives.showVerification(parameters, caller)
    case .cancelVerification: try await archives.cancelVerification(parameters, caller)
    default: nil
    }
  }
}
