// The two servers that are compared: a bare one and ours, in one process.

import ArchiveService
import Hummingbird
import Logging

/// Runs both servers on free ports of this machine.
enum BenchServers {
  /// What the bare route answers.
  private struct Small: ResponseEncodable { let status: String }

  /// The body gets the addresses; both servers end when it returns.
  static func run(
    _ archive: BenchArchive, _ change: (inout ServiceSettings) -> Void = { _ in },
    _ body: (_ bare: String, _ service: String) async throws -> Void
  ) async throws {
    let service = service(on: archive, change)
    let (bareAddresses, bare) = AsyncStream.makeStream(of: String.self)
    let (serviceAddresses, own) = AsyncStream.makeStream(of: String.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { bare.finish() }
        try await serveBare { bare.yield($0) }
      }
      group.addTask {
        defer { own.finish() }
        try await service.run { own.yield($0) }
      }
      guard let bareAddress = await bareAddresses.first(where: { _ in true }),
        let serviceAddress = await serviceAddresses.first(where: { _ in true })
      else {
        // One of them has ended with an error, which is thrown here.
        try await group.next()
        throw BenchError("a server did not start")
      }
      try await body(bareAddress, serviceAddress)
      group.cancelAll()
      // Cancelling ends a server in whatever way; what was measured stands.
      while await group.nextResult() != nil {}
    }
  }

  private static func serveBare(_ onReady: @escaping @Sendable (String) -> Void) async throws {
    let router = Router()
    router.get("/") { _, _ in Small(status: "ok") }
    let application = Application(
      router: router,
      configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in
        onReady("http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
      },
      logger: silent)
    try await application.run()
  }

  static let secret = Secret(Array("a secret for measuring, 32 bytes".utf8))

  /// Passwords cost next to nothing and nobody is limited, unless that is what is measured.
  private static func service(
    on archive: BenchArchive, _ change: (inout ServiceSettings) -> Void
  ) -> ArchiveService {
    var settings = ServiceSettings()
    settings.http.port = 0
    settings.auth.secret = secret
    settings.auth.passwordCost = .init(logRounds: 4)
    settings.limits = .none
    settings.conversations.customersMayMeet = true
    change(&settings)
    return ArchiveService(
      documents: archive.documents, objects: archive.objects, log: archive.log,
      settings: settings, surroundings: archive.clock.surroundings, logger: silent)
  }

  static var silent: Logger { Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() } }
}
