// What a thread of our own does with signals.

import Glibc

/// The signals of the calling thread.
package enum Signals {
  /// Signals are for the threads that wait for them; a SIGPIPE of a TLS write must not end the process.
  package static func block() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
  }
}
