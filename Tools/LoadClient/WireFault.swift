// Why a connection of the load client ended.

/// What a server said or did that a client cannot go on with.
package struct WireFault: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
