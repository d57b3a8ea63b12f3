// An address that answers no connection attempt, on this machine.

import Glibc

/// A listener whose queue is full: the system drops further attempts without a word.
final class DeafListener {
  let port: Int
  private var sockets: [Int32] = []

  /// - Parameter refuses: instead of being silent, as a port where nobody listens.
  init(refuses: Bool = false) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    port = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, length)
        if !refuses { listen(listener, 0) }
        getsockname(listener, generic, &length)
        return Int(
          UInt16(
            bigEndian: generic.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
              $0.pointee.sin_port
            }))
      }
    }
    sockets = [listener]
    for _ in 0..<(refuses ? 0 : 4) { fill(&address, length) }
  }

  deinit { for socket in sockets { close(socket) } }

  private func fill(_ address: inout sockaddr_in, _ length: socklen_t) {
    let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK, 0)
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = connect(filler, $0, length) }
    }
    sockets.append(filler)
  }
}
