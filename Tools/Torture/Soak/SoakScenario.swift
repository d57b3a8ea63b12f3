// A thousand devices that talk, vanish and come back while the server is killed: everybody ends with the same log.

import ArchiveTesting
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix

/// One server, groups of ten people with five devices each, and everything that people do to connections.
struct SoakScenario {
  let directory: String
  let server: String
  let devices: Int
  let seconds: Int
  let kills: Int
  var random: SeededGenerator

  private static let devicesOfPerson = 5
  private static let peopleOfGroup = 10
  /// Between two lines of the report.
  private static let interval = 10
  /// How long everybody may take to come back and catch up when nothing happens any more.
  private static let patienceSeconds = 60
  private static let downtime = 300...3000

  mutating func run() async throws {
    var process = try await start(port: 0)
    let http = ChatClient.makeHTTP()
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(try await soak(&process, ChatClient(http: http, url: process.url)))
    } catch { outcome = .failure(error) }
    try? await http.shutdown()
    if process.ended == nil {
      if case .success = outcome { try await process.stop() } else { try await process.killNow() }
    }
    try outcome.get()
  }

  private func start(port: Int) async throws -> ServerProcess {
    try await ServerProcess(
      server, directory: directory, data: directory + "/data",
      environment: ["ARCHIVE_HTTP_PORT": "\(port)"])
  }

  private mutating func soak(_ process: inout ServerProcess, _ client: ChatClient) async throws {
    var town = Town()
    try await town.signUp(max(4, devices / Self.devicesOfPerson), with: client)
    let groups = try await openGroups(of: town, with: client)
    guard let port = URL(string: process.url)?.port else { throw Loss("no port: \(process.url)") }
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let (seats, seed) = (seats(in: groups, of: town), random.next())
    let crowd = try await loop.submit {
      let crowd = SoakCrowd(seats, port: port, on: loop, random: SeededGenerator(seed: seed))
      crowd.begin()
      return NIOLoopBound(crowd, eventLoop: loop)
    }.get()
    try await suffer(&process, crowd, loop, port: port)
    try await loop.submit { crowd.value.calm() }.get()
    try await settle(crowd, loop)
    let truth = try await truth(of: groups, town, client)
    try await loop.submit { try crowd.value.compare(with: truth) }.get()
    try await say(crowd, loop, "the end", process)
  }

  // MARK: People

  private struct Group {
    let id: String
    let people: [Int]
  }

  private mutating func openGroups(of town: Town, with client: ChatClient) async throws -> [Group] {
    let count = max(2, town.people.count / Self.peopleOfGroup)
    var groups: [Group] = []
    for number in 0..<count {
      var people = Set(town.people.indices.filter { $0 % count == number })
      // Some belong to two.
      people.insert(random.int(0...town.people.count - 1))
      people.insert(random.int(0...town.people.count - 1))
      groups.append(try await open(people.sorted(), of: town, with: client))
    }
    return groups
  }

  private func open(_ people: [Int], of town: Town, with client: ChatClient) async throws -> Group {
    struct Created: Decodable { let id: String }
    struct Order: Encodable {
      let kind = "group"
      let title: String
      let members: [String]
    }
    var client = client
    client.token = town.people[people[0]].token
    let order = Order(title: "Soak", members: people.dropFirst().map { town.people[$0].id })
    let answer = await client.ask(
      .post, "/api/conversations", data: try JSONEncoder().encode(order))
    return Group(id: try answer.decoded(Created.self).id, people: people)
  }

  private func seats(in groups: [Group], of town: Town)
    -> [(person: Town.Person, conversations: [String])]
  {
    (0..<devices).map { number in
      let person = number % town.people.count
      return (town.people[person], groups.filter { $0.people.contains(person) }.map(\.id))
    }
  }

  // MARK: What happens

  private mutating func suffer(
    _ process: inout ServerProcess, _ crowd: NIOLoopBound<SoakCrowd>, _ loop: any EventLoop,
    port: Int
  ) async throws {
    let moments = Set((1...max(1, kills)).map { $0 * seconds / (kills + 1) })
    for second in 1...seconds {
      try await Task.sleep(for: .seconds(1))
      if let end = process.ended { throw Loss("the server ended by itself with \(end.status)") }
      if kills > 0, moments.contains(second) {
        try await process.killNow()
        try await Task.sleep(for: .milliseconds(random.int(Self.downtime)))
        process = try await start(port: port)
        try await say(crowd, loop, "killed after \(second) s", process)
      } else if second % Self.interval == 0 {
        try await say(crowd, loop, "\(second) s", process)
      }
    }
  }

  private func say(
    _ crowd: NIOLoopBound<SoakCrowd>, _ loop: any EventLoop, _ when: String,
    _ process: ServerProcess
  ) async throws {
    let (figures, loss) = try await loop.submit { (crowd.value.report, crowd.value.loss) }.get()
    if let loss { throw loss }
    Report.line(
      "\(when): \(figures.live) live, \(figures.acknowledged) of \(figures.said) messages acknowledged, "
        + "\(figures.heard) events heard, \(figures.losses) connections lost, "
        + "\(figures.refused) refusals, server \(process.residentMiB.map(String.init) ?? "?") MiB"
    )
  }

  /// Waits until everybody is back, has everything, and has nothing left to say.
  private func settle(_ crowd: NIOLoopBound<SoakCrowd>, _ loop: any EventLoop) async throws {
    var unready = 0
    for _ in 0..<Self.patienceSeconds {
      let (figures, loss) = try await loop.submit { (crowd.value.report, crowd.value.loss) }.get()
      if let loss { throw loss }
      unready = figures.unready
      // What was said last must also arrive.
      try await Task.sleep(for: .seconds(1))
      if unready == 0 { return }
    }
    throw Loss("\(unready) devices are not back after \(Self.patienceSeconds) s")
  }

  private func truth(of groups: [Group], _ town: Town, _ client: ChatClient) async throws
    -> [String: [Heard]]
  {
    struct Page: Decodable { let items: [Heard] }
    var client = client
    var truth: [String: [Heard]] = [:]
    for group in groups {
      client.token = town.people[group.people[0]].token
      var entries: [Heard] = []
      while true {
        let path =
          "/api/conversations/\(group.id)/messages?limit=200&after=\(entries.last?.seq ?? 0)"
        let page = try await client.ask(.get, path).decoded(Page.self).items
        if page.isEmpty { break }
        entries += page
      }
      truth[group.id] = entries
    }
    return truth
  }
}
