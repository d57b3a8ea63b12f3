// The limits and times of what is live, as data.

import ArchiveCore

extension ServiceSettings {
  /// Sockets, events, rooms, presence.
  public struct Realtime: Sendable {
    /// How long after an answer a client is asked again whether it is there.
    public var pingInterval: Duration = .seconds(25)
    /// How long it may take to say so.
    public var pingTimeout: Duration = .seconds(20)
    /// The largest message of a client.
    public var payloadLimitBytes = 1_000_000
    /// A client for which more than that waits is cut off.
    public var inFlightLimitBytes = 1 << 20
    /// Web pages of these origins may connect besides those of the server's own host: `scheme://host[:port]`; `*`: all.
    public var origins: [String] = []
    /// At the end, what waits for clients has that long to leave.
    public var drainDeadline: Duration = .seconds(10)

    /// Connections at once.
    public var connectionLimit = 20_000
    /// Connections from one subscriber's network at once.
    public var connectionsPerAddress = 1000
    /// Sockets of one user at once: tabs and devices together.
    public var socketsPerUser = 50
    /// Events that one socket may send in a second, on average.
    public var eventsPerSecond = 20
    /// Events that one socket may send at once, after it was quiet.
    public var eventBurst = 200
    /// A socket whose access token is over may bring a fresh one for that long.
    public var tokenGrace: Duration = .seconds(60)

    /// Entries in one answer to a socket that catches up; more are asked for again.
    public var catchUpLimit = 500
    /// Bytes of such an answer, about; one entry always fits.
    public var catchUpBytes = 256 << 10
    /// A socket that has got a part of what it missed hears the conversation's entries again after that time, though it
    /// did not ask for the rest.
    public var catchUpPatience: Duration = .seconds(30)
    /// Entries that wait for a socket while its answer is made; beyond them its answer is made longer.
    public var heldLimit = 256
    /// Conversations that one socket may have open.
    public var openLimit = 200

    /// Places of members that are remembered for handing out entries; beyond them the conversation that was quiet
    /// longest is forgotten, and read again with its next entry.
    public var memberMemory = 500_000
    /// Entries that may wait in this process to be handed out.
    public var feedLimit = 65_536

    /// In conversations with more members nobody is told who reads, types, comes and goes, only how many are there.
    public var detailLimit = 200
    /// Changes of presence, read marks and signals to other nodes are gathered for that long.
    public var window: Duration = .milliseconds(500)
    /// Users whose coming and going this node tells rooms of in one window; the rest waits.
    public var presenceBudget = 2000
    /// Whoever is gone for less never was.
    public var absenceGrace: Duration = .seconds(5)
    /// Whoever sends nothing for that long is away.
    public var awayAfter: Duration = .seconds(300)
    /// Somebody types for that long after saying so.
    public var typingLifetime: Duration = .seconds(6)
    /// How many are shown as typing in one conversation.
    public var typingLimit = 5
    /// A node that is not heard of for that long takes its users' presence with it.
    public var nodeLifetime: Duration = .seconds(70)

    public init() {}
  }
}
