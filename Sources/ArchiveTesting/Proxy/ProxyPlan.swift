// Decides which request suffers what, and remembers the requests.

import Synchronization

/// The plan and the record of one proxy. The mutex guards every field.
final class ProxyPlan: Sendable {
  private struct Rule {
    let fault: ProxyFault
    var times: Int
    let applies: @Sendable (ProxiedRequest) -> Bool
  }

  private struct RandomFaults {
    let rate: Double
    var generator: SeededGenerator
    let faults: [ProxyFault]
    let applies: @Sendable (ProxiedRequest) -> Bool
  }

  private struct State {
    var upstream: (host: String, port: Int)
    var rules: [Rule] = []
    var random: RandomFaults?
    var lastNumber = 0
    var requests: [ProxiedRequest] = []
  }

  /// So many requests are remembered at least, and twice as many at most.
  private static let recordLimit = 10_000

  private let state: Mutex<State>

  init(host: String, port: Int) { state = Mutex(State(upstream: (host, port))) }

  var upstream: (host: String, port: Int) { state.withLock { $0.upstream } }
  var requests: [ProxiedRequest] { state.withLock { $0.requests } }

  func setUpstream(port: Int) { state.withLock { $0.upstream.port = port } }

  func add(
    _ fault: ProxyFault, times: Int, applies: @escaping @Sendable (ProxiedRequest) -> Bool
  ) {
    state.withLock { $0.rules.append(Rule(fault: fault, times: times, applies: applies)) }
  }

  func setRandom(
    rate: Double, seed: UInt64, faults: [ProxyFault],
    applies: @escaping @Sendable (ProxiedRequest) -> Bool
  ) {
    state.withLock {
      $0.random = RandomFaults(
        rate: rate, generator: SeededGenerator(seed: seed), faults: faults, applies: applies)
    }
  }

  func clear() {
    state.withLock { ($0.rules, $0.random) = ([], nil) }
  }

  func forgetRequests() { state.withLock { $0.requests = [] } }

  /// Notes a request and says what it suffers.
  func begin(method: String, target: String, headers: [(name: String, value: String)])
    -> ProxiedRequest
  {
    state.withLock { state in
      state.lastNumber += 1
      var request = ProxiedRequest(
        number: state.lastNumber, method: method, target: target, headers: headers)
      request.fault = Self.fault(for: request, &state)
      if state.requests.count >= 2 * Self.recordLimit {
        state.requests.removeFirst(Self.recordLimit)
      }
      state.requests.append(request)
      return request
    }
  }

  func note(status: Int, of number: Int) {
    state.withLock { state in
      guard let first = state.requests.first?.number,
        state.requests.indices.contains(number - first)
      else { return }
      state.requests[number - first].status = status
    }
  }

  private static func fault(for request: ProxiedRequest, _ state: inout State) -> ProxyFault? {
    if let index = state.rules.firstIndex(where: { $0.times > 0 && $0.applies(request) }) {
      state.rules[index].times -= 1
      let fault = state.rules[index].fault
      if state.rules[index].times == 0 { state.rules.remove(at: index) }
      return fault
    }
    guard var random = state.random, !random.faults.isEmpty, random.applies(request) else {
      return nil
    }
    defer { state.random = random }
    guard Double.random(in: 0..<1, using: &random.generator) < random.rate else { return nil }
    return random.generator.pick(random.faults)
  }
}
