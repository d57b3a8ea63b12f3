// A real server behind a proxy that fails.

public import ArchiveTesting
import S3Client

extension TestS3Server {
  /// Gives the body a faulty proxy before this server, and stops it afterwards, whatever happened.
  public func withProxy<Value>(
    isolation: isolated (any Actor)? = #isolation, _ body: (FaultyProxy) async throws -> Value
  ) async throws -> Value {
    let endpoint = try settings().endpoint
    let proxy = try await FaultyProxy.start(
      upstreamHost: endpoint.host, upstreamPort: endpoint.port ?? 80)
    let result: Result<Value, any Error>
    do { result = .success(try await body(proxy)) } catch { result = .failure(error) }
    await proxy.stop()
    return try result.get()
  }

  /// The same with a place for one test behind the proxy, whose client waits little before it repeats.
  public func withPlaceBehindProxy<Value>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (FaultyProxy, TestPlace) async throws -> Value
  ) async throws -> Value {
    try await withProxy { proxy in
      try await withPlace(through: proxy.endpoint) { settings in
        settings.retries.base = .milliseconds(1)
        settings.retries.cap = .milliseconds(5)
      } _: { place in
        try await body(proxy, place)
      }
    }
  }
}
