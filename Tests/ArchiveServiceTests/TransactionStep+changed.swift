// What a step of a transaction is about.

import ArchiveCore

extension TransactionStep {
  /// The collection that it changes; `nil` where it only looks.
  var changed: CollectionName? {
    switch self {
    case .insert(_, let into): into
    case .update(let update, mustMatch: _): update.collection
    case .delete(let name, where: _): name
    case .expect: nil
    }
  }
}
