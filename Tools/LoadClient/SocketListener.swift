// Who is told what happens on a client's connection.

package import NIOCore

/// Is called on the event loop of the client, in the order in which packets came.
package protocol SocketListener: AnyObject {
  /// The namespace is connected; from now on the client may send.
  func socketIsLive(_ client: SocketClient)
  /// An event came; `payload` is its JSON array, the name first.
  func socket(_ client: SocketClient, received payload: ByteBuffer)
  /// What was sent under this number was acknowledged; `payload` is the JSON array of the arguments.
  func socket(_ client: SocketClient, acknowledged number: Int, _ payload: ByteBuffer)
  /// The connection is over, or was never made. Once for each `connect`.
  func socketEnded(_ client: SocketClient, _ reason: String)
}
