// Work that several want at once is done once.

import ArchiveCore

/// A queue of this node: each thing is made once for all who wait for it, a few at once, in the order in which they were
/// first asked for. It is bounded: beyond it, who asks is refused.
actor SharedWork<Order: Sendable & Identifiable, Product: Sendable>
where Order.ID: Sendable {
  typealias Outcome = Result<Product, any Error>

  private let atOnce: Int
  private let queueLimit: Int
  private let refusal: ServiceError
  private let work: @Sendable (Order) async throws -> Product
  private var waiting: [Order.ID: [CheckedContinuation<Outcome, Never>]] = [:]
  private var isClosed = false
  private let (orders, order) = AsyncStream.makeStream(of: Order.self)

  init(
    atOnce: Int, queueLimit: Int, refusal: ServiceError,
    _ work: @escaping @Sendable (Order) async throws -> Product
  ) {
    (self.atOnce, self.queueLimit) = (max(1, atOnce), queueLimit)
    (self.refusal, self.work) = (refusal, work)
  }

  /// Things that somebody waits for.
  var waitingCount: Int { waiting.count }

  /// Works until cancelled; then whoever still waits is refused.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<atOnce {
        group.addTask { [orders] in
          for await order in orders { await self.settle(order.id, await self.outcome(of: order)) }
        }
      }
    }
    isClosed = true
    for id in waiting.keys { settle(id, .failure(refusal)) }
  }

  /// What comes of an order, as soon as it is its turn. Who stops waiting does not stop the work.
  func product(of order: Order) async throws -> Product {
    guard !isClosed, waiting[order.id] != nil || waiting.count < queueLimit else { throw refusal }
    return try await withCheckedContinuation { continuation in
      if waiting[order.id] == nil { self.order.yield(order) }
      waiting[order.id, default: []].append(continuation)
    }.get()
  }

  private nonisolated func outcome(of order: Order) async -> Outcome {
    do { return .success(try await work(order)) } catch { return .failure(error) }
  }

  private func settle(_ id: Order.ID, _ outcome: Outcome) {
    for each in waiting.removeValue(forKey: id) ?? [] { each.resume(returning: outcome) }
  }
}
