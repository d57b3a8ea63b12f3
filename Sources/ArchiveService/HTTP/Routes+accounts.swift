// What answers the addresses of accounts, sessions and their administration.

import Hummingbird

extension Routes {
  /// Accounts, for those who are not signed in; `nil` for everything else.
  func answerAboutAccounts(_ endpoint: Endpoint, _ request: Request, _ context: ServiceContext)
    async throws -> Response?
  {
    switch endpoint {
    case .signUp: try await accounts.signUp(request, context)
    case .signIn: try await accounts.signIn(request, context)
    case .refreshSession: try await accounts.refresh(request, context)
    case .signingKeys: try accounts.signingKeys()
    case .confirmEmail: try await accounts.confirmEmail(request, context)
    case .forgotPassword: try await accounts.forgotPassword(request, context)
    case .resetPassword: try await accounts.resetPassword(request, context)
    case .confirmationPage: letterPages.show(.confirmEmail, request)
    case .submitConfirmation: try await letterPages.confirm(request, context)
    case .resetPage: letterPages.show(.resetPassword, request)
    case .submitReset: try await letterPages.reset(request, context)
    default: nil
    }
  }

  /// The same for those who are signed in.
  func answerAboutAccounts(
    _ endpoint: Endpoint, _ request: Request, _ context: ServiceContext, _ caller: Caller
  ) async throws -> Response? {
    switch endpoint {
    case .signOut: try await accounts.signOut(context, caller)
    case .resendConfirmation: try await accounts.resendConfirmation(caller)
    case .changePassword: try await accounts.changePassword(request, context, caller)
    case .showOwnUser: try await profiles.own(caller)
    case .editOwnUser: try await profiles.edit(request, caller)
    case .deactivateOwnUser: try await profiles.deactivate(request, context, caller)
    case .showUser: try await profiles.show(context.parameters)
    case .listSessions: try await profiles.sessions(request, caller)
    case .endSession: try await profiles.endSession(context, caller)
    case .endOtherSessions: try await profiles.endOtherSessions(context, caller)
    case .listUsers: try await profiles.list(request, caller)
    case .showUserToAdmin: try await profiles.showToAdmin(context.parameters, caller)
    case .editUser: try await profiles.editUser(request, context, caller)
    case .endUserSessions: try await profiles.endUserSessions(context, caller)
    default: nil
    }
  }
}
