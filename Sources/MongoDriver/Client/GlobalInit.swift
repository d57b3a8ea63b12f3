// libmongoc's initialisation, once for the process.

internal import CMongocShims

/// libmongoc wants one call before all others; a static makes it so, whatever thread comes first.
/// It is never undone: other libraries in the process may use libmongoc as well.
enum GlobalInit {
  private static let once: Void = mongoc_shim_initialise()

  static func run() { once }
}
