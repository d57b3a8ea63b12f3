// Why a link lets nobody in.

import Uploads

extension ServiceError {
  /// The one answer for tokens that never were and those that are forgotten.
  static let noSuchDownload = ServiceError(.notFound, "there is no such link")
  static let noSuchLink = ServiceError(.notFound, "no such link")

  static func over(_ end: LinkEnd) -> ServiceError {
    switch end {
    case .revoked: ServiceError(.gone, "the link was taken back")
    case .expired: ServiceError(.gone, "the link has expired")
    case .usedUp: ServiceError(.gone, "the link is used up")
    }
  }

  static let fileIsGone = ServiceError(.gone, "the file was deleted")
}
