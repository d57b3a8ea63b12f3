// A conversation as this node hands it out.

import ArchiveCore

/// What the gateway remembers of a conversation in which something happens: who hears it, how far it was handed out, and
/// what must wait. Owned by the gateway and never shared.
final class Room {
  let id: ConversationID
  /// Whether `members` is known. Until then entries wait.
  var isLoaded = false
  /// Everybody who belongs to it, here or not, as of the newest entry that was handed out.
  var members: Set<UserID> = []
  /// Those of them who are in it only as long as they are of the staff (`RightsTable.mayEnter`).
  var inCharge: Set<UserID> = []
  /// Members who are not to hear entries up to this one, as far as those are still to come.
  var hidden: [UserID: Int64] = [:]
  /// The newest entry that was handed out; 0 where that is not known.
  var lastSeq: Int64 = 0
  /// Entries that wait for the room to be loaded, or for the one in front of them to be read.
  var waiting: [Entry] = []
  /// Somebody works on it, or will: entries join `waiting`.
  var isWorking = false
  /// Who waits for it to be loaded.
  var arrivals: [CheckedContinuation<Bool, Never>] = []
  /// Sockets that have it open.
  var viewers: Set<SocketID> = []
  /// Sockets that do not simply hear what is handed out.
  var catchUps: [SocketID: CatchUp] = [:]
  /// Read marks that are to be told.
  var reads: [UserID: Int64] = [:]
  /// How many members were there when it was last told, in a large one.
  var toldOnline: Int?
  /// Grows with every use of any room.
  var usedAt: UInt64 = 0

  init(_ id: ConversationID) { self.id = id }

  /// It may be forgotten: whoever needs it again reads it again.
  var isIdle: Bool {
    isLoaded && !isWorking && viewers.isEmpty && catchUps.isEmpty && reads.isEmpty
      && arrivals.isEmpty
  }
}

/// What a socket that catches up has got, and what waits for it.
enum CatchUp {
  /// Its answer is being made: what is handed out meanwhile waits behind the answer.
  case reading(Held)
  /// It got a part of what it missed, and hears entries again when it has the rest, or then.
  case partial(until: Duration)
  /// It has everything up to this entry, of which some are still to be handed out.
  case done(seq: Int64)

  /// Events that wait, by the seq of their entries; when there are too many they are read from the log.
  struct Held {
    var events: [(seq: Int64, event: LiveEvent)] = []
    var isOverflowing = false
  }
}

extension Room {
  /// Sockets that do not hear the entry with the others, because their answer has it, or will have it, or is followed by it.
  ///
  /// - Parameter unwanted: those who are not to hear it at all.
  func catchingUp(
    with seq: Int64, _ event: LiveEvent, heldLimit: Int, not unwanted: [SocketID]
  ) -> [SocketID] {
    guard !catchUps.isEmpty else { return [] }
    var sockets: [SocketID] = []
    for (socket, state) in catchUps {
      switch state {
      case .reading where unwanted.contains(socket): break
      case .reading(var held):
        if held.events.count < heldLimit && !held.isOverflowing {
          held.events.append((seq, event))
        } else {
          // What is left out is read from the log, and everything behind it too.
          held = CatchUp.Held(isOverflowing: true)
        }
        catchUps[socket] = .reading(held)
        sockets.append(socket)
      case .partial:
        sockets.append(socket)
      case .done(let last):
        if seq <= last { sockets.append(socket) }
        if seq >= last { catchUps[socket] = nil }
      }
    }
    return sockets
  }

  /// Members from whom the entry is hidden.
  func hidden(at seq: Int64) -> [UserID] {
    guard !hidden.isEmpty else { return [] }
    defer { hidden = hidden.filter { $0.value > seq } }
    return hidden.filter { $0.value >= seq }.map(\.key)
  }
}
