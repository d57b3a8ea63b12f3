// The addresses of accounts, sessions and their administration.

import HTTPTypes

extension Endpoint {
  var signInDescription: Description {
    let tag = "Signing in"
    switch self {
    case .signUp:
      return Description(
        .post, "/api/auth/signup", tag, "Sign up", open: true, takes: "SignUp",
        answers: [
          (201, "SignedIn", "The account, signed in."), (409, "Problem", "The email is taken."),
        ])
    case .signIn:
      return Description(
        .post, "/api/auth/login", tag, "Sign in", open: true, takes: "SignIn",
        answers: [(200, "SignedIn", "Signed in.")])
    case .refreshSession:
      return Description(
        .post, "/api/auth/refresh", tag,
        "Exchange the refresh token for new tokens; the old one is used up, and showing it again ends the session",
        open: true, takes: "Refresh", answers: [(200, "SignedIn", "New tokens.")])
    case .signOut:
      return Description(
        .post, "/api/auth/logout", tag, "End this session",
        answers: [(204, nil, "Signed out.")])
    case .signingKeys:
      return Description(
        .get, "/.well-known/jwks.json", tag, "The public keys of access tokens (RFC 7517)",
        open: true, answers: [(200, "SigningKeys", "The keys.")])
    default: return mailedDescription(tag)
    }
  }

  /// What has to do with letters and passwords.
  private func mailedDescription(_ tag: String) -> Description {
    switch self {
    case .confirmEmail:
      return Description(
        .post, "/api/auth/confirm-email", tag, "Confirm an address with the token of a letter",
        open: true, takes: "Confirmation", answers: [(204, nil, "Confirmed.")])
    case .resendConfirmation:
      return Description(
        .post, "/api/users/me/confirmation", tag, "Have the letter of confirmation sent again",
        answers: [(202, nil, "It is on its way."), (409, "Problem", "It is confirmed already.")])
    case .forgotPassword:
      return Description(
        .post, "/api/auth/forgot-password", tag,
        "Ask for a letter with a way to a new password; the answer is the same for every address",
        open: true, takes: "ForgottenPassword",
        answers: [(202, nil, "If there is such an account, a letter is on its way to it.")])
    case .resetPassword:
      return Description(
        .post, "/api/auth/reset-password", tag,
        "Set a new password with the token of a letter; all sessions end", open: true,
        takes: "NewPassword", answers: [(204, nil, "The password is set.")])
    default:
      return Description(
        .post, "/api/users/me/password", tag, "Change your password; your other sessions end",
        takes: "PasswordChange", answers: [(204, nil, "The password is changed.")])
    }
  }

  /// The pages that links in letters lead to.
  var letterPageDescription: Description {
    let tag = "Pages of letters"
    let form = "application/x-www-form-urlencoded"
    let refusal = (
      status: 400, schema: "text/html" as String?, meaning: "A page that says why not."
    )
    switch self {
    case .confirmationPage:
      return Description(
        .get, "/confirm-email", tag, "Where the link to confirm an address leads; a button does it",
        open: true, query: ["token"], answers: [(200, "text/html", "The page."), refusal])
    case .submitConfirmation:
      return Description(
        .post, "/confirm-email", tag, "The form of that page", open: true, takes: form,
        query: ["token"], answers: [(200, "text/html", "Confirmed."), refusal])
    case .resetPage:
      return Description(
        .get, "/reset-password", tag, "Where the link to a new password leads; a form sets it",
        open: true, query: ["token"], answers: [(200, "text/html", "The page."), refusal])
    default:
      return Description(
        .post, "/reset-password", tag, "The form of that page", open: true, takes: form,
        query: ["token"], answers: [(200, "text/html", "The password is set."), refusal])
    }
  }

  var accountDescription: Description {
    let tag = "Accounts"
    switch self {
    case .showOwnUser:
      return Description(
        .get, "/api/users/me", tag, "Your own account", answers: [(200, "User", "The account.")])
    case .editOwnUser:
      return Description(
        .patch, "/api/users/me", tag, "Change your profile; what is not named stays as it is",
        takes: "Profile", answers: [(200, "User", "The account as it is now.")])
    case .deactivateOwnUser:
      return Description(
        .post, "/api/users/me/deactivation", tag,
        "Put your account out of use; all sessions end, and nobody signs in to it any more",
        takes: "Deactivation",
        answers: [
          (204, nil, "It is out of use."), (409, "Problem", "You are the only administrator."),
        ])
    case .listSessions:
      return Description(
        .get, "/api/users/me/sessions", tag, "Where you are signed in, the newest first",
        query: ["limit", "cursor"], answers: [(200, "SessionPage", "A page.")])
    case .endSession:
      return Description(
        .delete, "/api/users/me/sessions/{sessionId}", tag, "End one of your sessions",
        answers: [(204, nil, "It has ended.")])
    case .endOtherSessions:
      return Description(
        .delete, "/api/users/me/sessions", tag, "End all your sessions but this one",
        answers: [(204, nil, "They have ended.")])
    default:
      return Description(
        .get, "/api/users/{id}", tag, "Somebody's public profile",
        answers: [(200, "PublicUser", "The profile.")])
    }
  }

  var administrationDescription: Description {
    let tag = "Administration"
    switch self {
    case .listUsers:
      return Description(
        .get, "/api/admin/users", tag, "All accounts, or those that fit",
        query: ["query", "role", "deactivated", "limit", "cursor"],
        answers: [(200, "AdministeredUserPage", "A page.")])
    case .showUserToAdmin:
      return Description(
        .get, "/api/admin/users/{id}", tag, "One account",
        answers: [(200, "AdministeredUser", "The account.")])
    case .editUser:
      return Description(
        .patch, "/api/admin/users/{id}", tag,
        "Change somebody's role, or put the account out of use and back", takes: "UserChange",
        answers: [
          (200, "AdministeredUser", "The account as it is now."),
          (409, "Problem", "There would be no administrator left."),
        ])
    default:
      return Description(
        .delete, "/api/admin/users/{id}/sessions", tag, "End all sessions of somebody",
        answers: [(204, nil, "They have ended.")])
    }
  }
}
