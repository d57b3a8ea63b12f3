// Waking a thread, or its waking up by itself at a moment.

import Glibc

/// A counting semaphore for the driver's own threads whose deadline is a moment of the monotonic clock.
///
/// Dispatch's semaphore waits by the wall clock here: set back by an hour, it would let every deadline pass for that
/// hour.
///
/// `@unchecked Sendable`: the mutex guards the count; both C objects are made before anybody has the signal, and
/// destroyed when nobody has it any more.
final class SteadySignal: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var count = 0

  init() {
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Lets one wait end: the next one, where nobody waits.
  func signal() {
    pthread_mutex_lock(mutex)
    count += 1
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Blocks this thread until the signal or the moment, whichever is first; true for the signal.
  @discardableResult
  func wait(until moment: SteadyInstant = .never) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    var limit = moment.timespec
    while count == 0 {
      if moment == .never {
        pthread_cond_wait(condition, mutex)
      } else if pthread_cond_timedwait(condition, mutex, &limit) == ETIMEDOUT {
        break
      }
    }
    if count == 0 { return false }
    count -= 1
    return true
  }
}

extension SteadyInstant {
  fileprivate var timespec: Glibc.timespec {
    Glibc.timespec(
      tv_sec: Int(clamping: nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  }
}
