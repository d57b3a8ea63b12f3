// Whether the client is still there.

/// A ping every interval, and a pong before the timeout (Engine.IO protocol, "Heartbeat").
struct Heartbeat: Sendable {
  /// When the next ping is due, or, when one is on its way, its answer.
  var next: Moment
  var awaitsPong = false
}

extension EngineSession {
  /// Does what was due until now. Called before what the client asks for where a late timer must not matter.
  mutating func expire(_ now: Moment, _ actions: inout [EngineAction]) {
    switch phase {
    case .closed: return
    case .closing(let until, _):
      guard now >= until else { return }
      finish(&actions)
    case .open:
      if now >= upgrade.deadline { abandonUpgrade(&actions) }
      if now >= heartbeat.next { beat(now, &actions) }
    }
  }

  private mutating func beat(_ now: Moment, _ actions: inout [EngineAction]) {
    guard !heartbeat.awaitsPong else { return fail(.pingTimeout, now, &actions) }
    // From when it was due, so that the end does not depend on how exact a timer is; but from now where much time
    // has passed, as after a standstill, since the client could not answer before.
    let isTimely = now < heartbeat.next + settings.pingTimeout / 4
    let sent = isTimely ? heartbeat.next : now
    heartbeat = Heartbeat(next: sent + settings.pingTimeout, awaitsPong: true)
    send(CollectionOfOne(.ping), now, &actions)
  }

  /// A pong that nobody asked for changes nothing, so that none puts off the next ping.
  mutating func receivePong(_ now: Moment) {
    guard heartbeat.awaitsPong else { return }
    heartbeat = Heartbeat(next: now + settings.pingInterval)
  }
}
