// An account as limits name it: whether it exists or not, and without telling whose it is.

import ArchiveCore
import Crypto
import Encodings

/// Names the account that an email address or a user id stands for.
///
/// An address is hashed: what is counted about it says nothing about the person, and a long one
/// takes no more room than a short one.
struct AccountKey: Hashable, Sendable {
  /// 22 characters of `A-Z a-z 0-9 - _`, or a user id.
  let text: String

  /// The account with this address, in whatever way it is written.
  init(email: String) {
    let known = User.emailKey(email)
    // What is no address is nobody's account, and yet not the same as all else that is none.
    let key = known.isEmpty ? AccountRules.trimmed(email) : known
    text = Base64.url.text(SHA256.hash(data: Array(key.utf8)).prefix(16))
  }

  init(_ user: UserID) { text = user.description }
}
