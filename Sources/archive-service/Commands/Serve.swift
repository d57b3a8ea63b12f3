// Runs the server until it is told to stop.

import ArchiveCore
import ArchiveService
import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// `archive-service serve`.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the server.",
    discussion: """
      Prints one line with its URL when it is ready. SIGTERM or SIGINT ends it: requests in flight \
      finish, and everything acknowledged is safe whether it was flushed or not. A second signal \
      ends it at once.
      """)

  @OptionGroup var options: CommonOptions
  @Option(help: "Listen on this address; short for --set http.host=…") var host: String?
  @Option(help: "Listen on this port; short for --set http.port=…") var port: String?
  @Option(
    name: .customLong("die-at"),
    help: ArgumentHelp("Under torture: die at this fault point.", visibility: .hidden))
  var dieAt: String?
  @Option(
    name: .customLong("stop-at"),
    help: ArgumentHelp(
      "Under torture: stop at this fault point until SIGCONT.", visibility: .hidden))
  var stopAt: String?

  /// How much longer than the drains of requests and of sockets the whole end may take.
  private static let shutdownReserve = Duration.seconds(10)

  func run() async throws {
    try await reporting {
      let settings = try await options.settings(
        [("http.host", host), ("http.port", port)].compactMap { key, value in
          value.map { (key, $0) }
        })
      try await serve(settings, LiveSurroundings.make(death: try death()))
    }
  }

  private func death() throws -> Death? {
    guard let text = dieAt ?? stopAt else { return nil }
    guard let death = Death(text, signal: dieAt == nil ? SIGSTOP : SIGKILL) else {
      throw CommandFailure("no fault point: \(text)", code: 64)
    }
    return death
  }

  private func serve(_ settings: Settings, _ surroundings: Surroundings) async throws {
    // A reader of our output that goes away must not end the server.
    signal(SIGPIPE, SIG_IGN)
    try PrivateFile.makeDirectory(settings.dataDirectory)
    let lock = try DirectoryLock(settings.dataDirectory)
    let logger = logger(settings, surroundings)
    let engines = try await Engines.open(
      settings, isAlone: true, surroundings: surroundings, logger: logger)
    let impatience = SecondSignal()
    let result = await Result { try await run(engines, logger) }
    await engines.close()
    impatience.stop()
    _ = consume lock
    do {
      try result.get()
    } catch let error as ArchiveService.InvalidSettings {
      throw error
    } catch {
      throw CommandFailure(Self.explanation(error, settings.service.http))
    }
    logger.info("stopped")
  }

  private func run(_ engines: Engines, _ logger: Logger) async throws {
    let mail = try SMTPMailSender(engines.settings.mail)
    let result = await Result { try await run(engines, mail, logger) }
    await mail?.close()
    try result.get()
  }

  private func run(_ engines: Engines, _ mail: SMTPMailSender?, _ logger: Logger) async throws {
    let service = ArchiveService(
      documents: engines.documents, objects: engines.objects.store, log: engines.log,
      settings: engines.settings.service, surroundings: engines.surroundings, logger: logger,
      mail: mail, pictures: try pictures(engines, logger),
      scanner: engines.settings.clamd.scanner(engines.surroundings),
      direct: engines.objects.direct,
      freeBytes: { [directory = engines.settings.dataDirectory] in FreeSpace.bytes(at: directory) })
    var configuration = ServiceGroupConfiguration(
      services: [
        .init(
          service: Server(service: service), successTerminationBehavior: .gracefullyShutdownGroup)
      ],
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    let settings = engines.settings.service
    configuration.maximumGracefulShutdownDuration =
      settings.http.drainDeadline + settings.realtime.drainDeadline + Self.shutdownReserve
    try await ServiceGroup(configuration: configuration).run()
  }

  private func pictures(_ engines: Engines, _ logger: Logger) throws -> VipsPictures? {
    let (settings, surroundings) = (engines.settings, engines.surroundings)
    let pictures = try VipsPictures(settings, surroundings: surroundings)
    if pictures == nil, settings.pictures.program != "off" {
      logger.warning(
        "there are no previews and thumbnails: install libvips-tools, or set pictures.program to off",
        metadata: ["program": "\(settings.pictures.program)"])
    }
    return pictures
  }

  private static func explanation(_ error: any Error, _ http: ServiceSettings.HTTP) -> String {
    let text = "\(error)"
    guard text.contains("Address already in use") || text.contains("errno: 98") else { return text }
    return
      "the port is taken by another program http.host=`\(http.host)` http.port=`\(http.port)`; "
      + "choose another with --port"
  }
}

/// The service as part of a service group, and what it says when it is ready.
private struct Server: Service {
  let service: ArchiveService

  func run() async throws {
    try await service.run { address in
      StandardOutput.write(line: "archive-service listens on \(address)")
      if isatty(1) == 1 {
        StandardOutput.write(line: "Its interface is described at \(address)/docs; Ctrl-C ends it.")
      }
    }
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
