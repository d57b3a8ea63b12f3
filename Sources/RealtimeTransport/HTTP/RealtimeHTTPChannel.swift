// The server's connections: HTTP, with hubs in front.

package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes
import NIOHTTPTypesHTTP1

extension HTTPServerBuilder {
  /// An HTTP/1.1 server whose requests below the hubs' paths are the hubs'.
  ///
  /// - Parameters:
  ///   - configuration: as for `http1`; additional handlers stand in front of the hubs too.
  ///   - hubs: of the same event loops as the server.
  ///   - client: what is believed of a request's origin. Called on an event loop.
  package static func http1(
    configuration: HTTP1Channel.Configuration, realtime hubs: [RealtimeHub],
    client: @escaping @Sendable (ClaimedOrigin) -> ClientOrigin
  ) -> HTTPServerBuilder {
    HTTPServerBuilder { responder in
      RealtimeHTTPChannel(
        responder: responder, configuration: configuration, hubs: hubs, client: client)
    }
  }
}

/// Sets up a connection, and serves its HTTP requests if there are any that no hub takes.
package struct RealtimeHTTPChannel: HTTPChannelHandler {
  package typealias HTTP = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

  /// A connection. Whether it will need the HTTP server is known when its first request is there.
  package struct Value: ServerChildChannelValue {
    package let channel: any Channel
    let http: EventLoopFuture<HTTP?>
  }

  package let responder: Responder
  let configuration: HTTP1Channel.Configuration
  let hubs: [RealtimeHub]
  let client: @Sendable (ClaimedOrigin) -> ClientOrigin

  /// The parser stops behind a request for another protocol (CONNECT, too) and keeps what comes: no more than this,
  /// beside a head that is not complete, which has its own limit.
  private static let unparsedLimitBytes = 256 << 10

  package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    let promise = channel.eventLoop.makePromise(of: HTTP?.self)
    return channel.eventLoop.makeCompletedFuture {
      do {
        try addHandlers(channel, logger, promise)
      } catch {
        promise.succeed(nil)
        throw error
      }
      return Value(channel: channel, http: promise.futureResult)
    }
  }

  private func addHandlers(
    _ channel: any Channel, _ logger: Logger, _ promise: EventLoopPromise<HTTP?>
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = configuration.httpDecoder.maxHeaderFieldSize
    limits.maxHeaderListSize = configuration.httpDecoder.maxHeaderListSize
    limits.maxHeaderFieldCount = configuration.httpDecoder.maxHeaderFieldCount
    let decoder = ByteToMessageHandler(
      // What comes behind a request for a WebSocket is told as an error, which has a type.
      HTTPRequestDecoder(leftOverBytesStrategy: .fireError, limitConfiguration: limits),
      maximumBufferSize: limits.maxHeaderListSize + Self.unparsedLimitBytes)
    let encoder = HTTPResponseEncoder()
    let codec = HTTP1ToHTTPServerCodec(secure: false)
    try pipeline.addHandlers([encoder, decoder, codec])
    let additional = configuration.additionalChannelHandlers()
    try pipeline.addHandlers(additional)
    let places = hubs.compactMap { hub in
      hub.shard(of: channel.eventLoop).map { HubPlace(hub: hub, shard: $0) }
    }
    try pipeline.addHandler(
      RequestFront(
        places: places, client: client, decoder: decoder,
        before: Array(additional.reversed()) + [codec, encoder]
      ) { isWanted in
        openServer(isWanted, channel, logger, promise)
      })
  }

  private func openServer(
    _ isWanted: Bool, _ channel: any Channel, _ logger: Logger, _ promise: EventLoopPromise<HTTP?>
  ) {
    guard isWanted else { return promise.succeed(nil) }
    do {
      try channel.pipeline.syncOperations.addHandler(
        HTTPConnectionStateHandler(
          idleTimeout: configuration.idleTimeout.map { .init($0) }, logger: logger))
      promise.succeed(
        try HTTP(
          wrappingChannelSynchronously: channel,
          configuration: .init(isOutboundHalfClosureEnabled: true)))
    } catch {
      promise.succeed(nil)
      channel.close(promise: nil)
    }
  }

  package func handle(value: Value, logger: Logger) async {
    let http = await withTaskCancellationHandler { () async -> HTTP? in
      do {
        return try await value.http.get()
      } catch {
        // Never fails; a future only can.
        return nil
      }
    } onCancel: {
      value.channel.close(promise: nil)
    }
    if let http { await handleHTTP(asyncChannel: http, logger: logger) }
  }
}
