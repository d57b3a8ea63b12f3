// The part of the router that is about links to files.

import ArchiveCore
import Hummingbird

extension Routes {
  /// The answer of a route that is about links; `nil` where it is about something else.
  func answerAboutLinks(
    _ endpoint: Endpoint, _ request: Request, _ context: ServiceContext, _ caller: Caller
  ) async throws -> Response? {
    switch endpoint {
    case .createLink: try await links.links.create(request, context, caller)
    case .listLinks: try await links.links.list(request, context.parameters, caller)
    case .revokeLinks: try await links.links.revokeAll(context, caller)
    case .revokeLink: try await links.links.revoke(context, caller)
    case .getOwnLinks: try await links.links.own(request, caller)
    default: nil
    }
  }
}
