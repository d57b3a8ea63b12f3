// What is live, as metrics.

import RealtimeTransport

/// Turns what gateway and hub count into samples.
enum RealtimeMetrics {
  static func samples(of gateway: RealtimeCounts, _ hub: RealtimeMeasurements) -> [MetricSample] {
    [
      sample("connections", "Realtime connections.", hub.connections),
      sample("websockets", "Of these, those that are WebSockets.", hub.webSockets),
      sample("sockets", "Signed-in sockets.", gateway.sockets),
      sample("users", "Users with a socket on this node.", gateway.users),
      sample("rooms", "Conversations whose members are remembered.", gateway.rooms),
      sample("open_conversations", "Conversations open on sockets.", gateway.openConversations),
      sample("connections_opened", "Connections since the start.", hub.openedTotal),
      sample("connections_refused", "Connections refused by a limit.", hub.refusedTotal),
      sample("connections_too_slow", "Connections cut off as too slow.", hub.tooSlowTotal),
      sample("connections_timed_out", "Connections that fell silent.", hub.pingTimeoutTotal),
      sample("packets_received", "Packets received since the start.", hub.receivedTotal),
      sample("packets_sent", "Packets sent, once for each receiver.", hub.sentTotal),
      sample("entries", "Entries handed out since the start.", gateway.entriesHandedOut),
      sample("events", "Events of clients since the start.", gateway.events),
      sample("events_refused", "Events refused as too many.", gateway.eventsRefused),
      sample("catch_ups", "Conversations caught up since the start.", gateway.catchUps),
      sample(
        "interruptions", "Times all sockets were sent back to the log.", gateway.interruptions),
      sample("sessions_ended", "Sockets closed with their session.", gateway.sessionsEnded),
    ]
  }

  private static func sample(_ name: String, _ help: String, _ value: Int) -> MetricSample {
    MetricSample(name: "realtime_" + name, help: help, value: Double(value))
  }
}
