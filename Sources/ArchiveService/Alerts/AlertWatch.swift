// Looks for troubles that the operator should hear of.

import ArchiveCore
import Logging

/// Looks at the stores, the archive, the disk and the audit log every `interval`, and hands what it finds to `Alerts`.
///
/// One for each process that serves; nodes look for themselves, and one of them tells.
struct AlertWatch: Sendable {
  let alerts: Alerts
  let audit: AuditLog
  let readiness: Readiness
  /// Flushes that failed since the last one that worked.
  let flushFailures: @Sendable () -> Int
  /// Free bytes where the data directory lies; `nil` where nobody knows.
  let freeBytes: @Sendable () -> Int64?
  let settings: ServiceSettings.Alerts
  let surroundings: Surroundings
  let logger: Logger

  /// What it remembers from one look to the next.
  struct Memory {
    fileprivate var stores: [OperatorAlert.Store: LastingTrouble]
    fileprivate var flush: LastingTrouble
    fileprivate var isDiskFull = false

    init(_ settings: ServiceSettings.Alerts) {
      stores = Dictionary(
        uniqueKeysWithValues: OperatorAlert.Store.allCases.map {
          ($0, LastingTrouble(after: settings.after))
        })
      flush = LastingTrouble(after: settings.after)
    }
  }

  /// A trouble that a look has met.
  private struct Sight {
    let alert: OperatorAlert
    /// It has lasted long enough to be told.
    let isLasting: Bool
  }

  /// Looks until cancelled. Without anybody to tell there is nothing to do.
  func run() async {
    guard !settings.to.isEmpty else { return }
    var memory = Memory(settings)
    while !Task.isCancelled {
      await look(&memory)
      do { try await surroundings.sleep(settings.interval) } catch { return }
    }
  }

  /// One look at everything.
  func look(_ memory: inout Memory) async {
    var sights = await stores(&memory)
    // With a store down flushes fail too; that would be the same news twice.
    if sights.isEmpty { sights += flushes(&memory) }
    sights += disk(&memory)
    sights += await signIns()
    for sight in sights where sight.isLasting { await alerts.raise(sight.alert) }
    await alerts.endAll(but: Set(sights.map(\.alert.key)))
  }

  private func stores(_ memory: inout Memory) async -> [Sight] {
    let checks = await readiness.check().checks
    let now = surroundings.uptime()
    return OperatorAlert.Store.allCases.compactMap { store in
      let answer = checks[store.rawValue] ?? "ok"
      let lasted = memory.stores[store]?.note(answer != "ok", at: now)
      guard answer != "ok" else { return nil }
      return Sight(alert: .storeDown(store, reason: answer), isLasting: lasted != nil)
    }
  }

  private func flushes(_ memory: inout Memory) -> [Sight] {
    let failures = flushFailures()
    let lasted = memory.flush.note(failures > 0, at: surroundings.uptime())
    guard failures > 0 else { return [] }
    let minutes = Int(clamping: (lasted ?? .zero).components.seconds / 60)
    return [
      Sight(
        alert: .flushFailing(failures: failures, minutes: minutes), isLasting: lasted != nil)
    ]
  }

  private func disk(_ memory: inout Memory) -> [Sight] {
    let least = Int64(settings.diskFreeBytes)
    if let free = freeBytes() {
      // A quarter more than that must be free again before it counts as over.
      memory.isDiskFull = free < (memory.isDiskFull ? least / 4 * 5 : least)
      if memory.isDiskFull {
        let mebibytes = Int(clamping: max(0, free) >> 20)
        return [Sight(alert: .diskNearlyFull(freeMiB: mebibytes), isLasting: true)]
      }
    }
    return []
  }

  /// The audit log is shared, so an attack counts on whichever nodes it comes in.
  private func signIns() async -> [Sight] {
    guard settings.signInFailures > 0 else { return [] }
    let start = surroundings.now().advanced(by: .zero - settings.signInWindow)
    do {
      let failed = try await audit.entries(
        AuditLog.Filter(kinds: [.signInFailed], from: start), .newestFirst,
        limit: settings.signInFailures)
      guard failed.count >= settings.signInFailures else { return [] }
      let attack = OperatorAlert.signInAttack(
        failures: failed.count, accounts: Set(failed.compactMap(\.event.subject)).count,
        addresses: Set(failed.compactMap(\.event.address)).count,
        minutes: Int(clamping: settings.signInWindow.components.seconds / 60))
      return [Sight(alert: attack, isLasting: true)]
    } catch {
      logger.debug("failed sign-ins could not be counted", metadata: ["error": "\(error)"])
      return []
    }
  }
}
