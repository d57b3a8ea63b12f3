// The pool that makes libmongoc's clients: they share one picture of the servers.

internal import CMongoc
import Synchronization

/// The owner of one `mongoc_client_pool_t`, made when the first thread needs a client: making it may ask the
/// name service, and asks it again next time when that failed.
///
/// Each thread takes one client and gives it back at its end, and there are as many clients as threads, so
/// taking never waits for another thread.
///
/// `@unchecked Sendable`: `pool` is written once, under `making`, which every thread takes before it has a client
/// to give back, and erased after the last has ended; libmongoc's pools are safe from any thread.
final class ClientPool: @unchecked Sendable {
  let seen = SeenTime()
  private let uri: CheckedURI
  private let making = Mutex(())
  private var pool: OpaquePointer?

  init(_ settings: MongoSettings) throws(MongoError) {
    GlobalInit.run()
    uri = try CheckedURI(settings)
  }

  /// After the last client came back, and on one of the driver's threads: tells the server that its sessions are over,
  /// and waits for libmongoc's own threads.
  func end() {
    if let pool { mongoc_client_pool_destroy(pool) }
    pool = nil
  }

  /// Where the servers are, for people.
  var hosts: String { uri.hosts }

  /// A client for the thread that asks, which gives it back. Blocks while a name is looked up.
  func takeClient() throws(MongoError) -> OpaquePointer {
    try making.withLock { (_) throws(MongoError) in try makePool() }
    guard let pool, let client = mongoc_client_pool_try_pop(pool) else {
      throw MongoError(.busy, "all clients are in use")
    }
    return client
  }

  func giveBack(_ client: OpaquePointer) {
    if let pool { mongoc_client_pool_push(pool, client) }
  }

  private func makePool() throws(MongoError) {
    guard pool == nil else { return }
    var error = bson_error_t()
    guard let made = mongoc_client_pool_new_with_error(uri.uri, &error) else {
      throw MongoError(error, reply: nil)
    }
    mongoc_client_pool_set_error_api(made, 2)
    pool = made
  }
}
