// A thousand devices on one event loop.

import ArchiveTesting
import Foundation
import LoadClient
import NIOCore

/// Lets its devices talk and vanish, and keeps the first thing that is wrong.
final class SoakCrowd: SocketListener {
  /// What a report says.
  struct Figures: Sendable {
    var live = 0
    var said = 0
    var acknowledged = 0
    var heard = 0
    var losses = 0
    var refused = 0
    var unready = 0
  }

  private let loop: any EventLoop
  private var devices: [SoakDevice] = []
  private let ledger = SoakLedger()
  private var random: SeededGenerator
  /// Acts that may still be done; the end of a soak stops them one after the other.
  private var mayTalk = true
  private var mayVanish = true
  private var figures = Figures()
  private(set) var loss: Loss?

  /// Milliseconds between two acts of a device, so that all together say forty messages a second or so, and how long
  /// one stays away.
  private let acts: ClosedRange<Int>
  private let absences: ClosedRange<Int>
  /// How soon a refused one tries again.
  private static let comebacks = 500...1500

  /// - Parameter seats: whose each device is, and what that person belongs to.
  init(
    _ seats: [(person: Town.Person, conversations: [String])], port: Int, on loop: any EventLoop,
    random: SeededGenerator
  ) {
    (self.loop, self.random) = (loop, random)
    let least = max(1000, seats.count * 8)
    (acts, absences) = (least...(least * 5), 0...max(3000, seats.count * 15))
    devices = seats.enumerated().map { number, seat in
      let place = SocketClient.Place(
        host: "127.0.0.1", port: port, source: "127.0.0.\(2 + number % 8)", token: seat.person.token
      )
      let client = SocketClient(number, place, on: loop, self)
      return SoakDevice(
        client, seat.person, in: seat.conversations, ledger: ledger,
        random: SeededGenerator(seed: self.random.next()))
    }
  }

  func begin() {
    for device in devices {
      later(0...3000, device) { $0.connect($1) }
      later(acts, device) { $0.act($1) }
    }
    watchGaps()
  }

  /// From now on nobody says anything new, and nobody leaves.
  func calm() { (mayTalk, mayVanish) = (false, false) }

  var report: Figures {
    var figures = figures
    figures.live = devices.count { $0.client.isLive }
    figures.said = devices.reduce(0) { $0 + $1.spokenCount }
    figures.acknowledged = ledger.acknowledgedCount
    figures.losses = devices.reduce(0) { $0 + $1.losses }
    figures.unready = devices.count { !$0.isReady || $0.hasGap }
    return figures
  }

  // MARK: What devices do

  private func act(_ device: SoakDevice) {
    later(acts, device) { $0.act($1) }
    guard device.client.isLive else { return }
    switch device.random.int(1...10) {
    case 1 where mayVanish: device.client.vanish()
    case 2 where mayVanish && device.random.oneIn(2): device.client.close()
    default: if mayTalk { device.say() }
    }
  }

  private func connect(_ device: SoakDevice) {
    if device.client.state == .idle { device.client.connect() }
  }

  private func later(
    _ milliseconds: ClosedRange<Int>, _ device: SoakDevice,
    _ act: @escaping @Sendable (SoakCrowd, SoakDevice) -> Void
  ) {
    let time = TimeAmount.milliseconds(Int64(device.random.int(milliseconds)))
    let bound = NIOLoopBound((self, device), eventLoop: loop)
    loop.scheduleTask(in: time) { act(bound.value.0, bound.value.1) }
  }

  private func watchGaps() {
    let bound = NIOLoopBound(self, eventLoop: loop)
    loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
      for device in bound.value.devices { bound.value.note(device) { try device.checkGap() } }
    }
  }

  // MARK: What they hear

  func socketIsLive(_ client: SocketClient) { devices[client.number].isLive() }

  func socket(_ client: SocketClient, received payload: ByteBuffer) {
    figures.heard += 1
    let device = devices[client.number]
    note(device) { try device.heard(payload) }
  }

  func socket(_ client: SocketClient, acknowledged number: Int, _ payload: ByteBuffer) {
    let device = devices[client.number]
    note(device) {
      guard try device.acknowledged(number, payload) else { return }
      figures.refused += 1
      later(Self.comebacks, device) { $1.retry() }
    }
  }

  func socketEnded(_ client: SocketClient, _ reason: String) {
    let device = devices[client.number]
    device.ended()
    later(mayVanish && client.wasLive ? absences : Self.comebacks, device) { $0.connect($1) }
  }

  private func note(_ device: SoakDevice, _ act: () throws -> Void) {
    do { try act() } catch {
      if loss == nil { loss = Loss("device \(device.client.number): \(error)") }
    }
  }

  // MARK: The end

  /// Holds every device against what the conversations are over HTTP.
  func compare(with truth: [String: [Heard]]) throws(Loss) {
    let digests = truth.mapValues { $0.map(\.digest) }
    for device in devices {
      for (conversation, log) in device.logs where log.digests != digests[conversation] {
        let expected = digests[conversation] ?? []
        let place = zip(log.digests, expected).enumerated().first { $0.element.0 != $0.element.1 }
        throw Loss(
          "device \(device.client.number) has \(log.digests.count) of \(expected.count) entries of "
            + "\(conversation), the first wrong one is \(place.map { "\($0.offset + 1)" } ?? "none")"
        )
      }
    }
    try compareLedger(with: truth)
  }

  /// Everything that was acknowledged is there once, under the seq that was acknowledged, and nothing else.
  private func compareLedger(with truth: [String: [Heard]]) throws(Loss) {
    var seen: Set<String> = []
    for entry in truth.values.joined() where entry.kind == "message" {
      guard let id = entry.clientId, let said = ledger.said[id], said.sender == entry.senderId
      else { throw Loss("nobody said what is in \(entry.conversationId) seq \(entry.seq)") }
      guard seen.insert(id).inserted else { throw Loss("\(id) is there twice") }
      if let seq = said.seq, seq != entry.seq {
        throw Loss("\(id) was acknowledged as seq \(seq) and is \(entry.seq)")
      }
    }
    for (id, said) in ledger.said where said.seq != nil && !seen.contains(id) {
      throw Loss("\(id) was acknowledged and is not there")
    }
  }
}
