// Gives one process a wall clock that is wrong, and that may jump: for ./dev torture.
//
// Built and used at run time, never part of the server:
//   cc -shared -fPIC -O2 -o shifted_clock.so scripts/torture/shifted_clock.c -ldl
//   head -c 8 /dev/zero >/tmp/shift
//   SHIFTED_CLOCK_FILE=/tmp/shift LD_PRELOAD=./shifted_clock.so archive-service serve
//
// The file holds the seconds that the clock is ahead, as 64 bits in the machine's own order. It is
// mapped: overwrite it in place, and the clock jumps at once. Steady clocks go on as they were.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t none;
static _Atomic int64_t *shift = &none;

__attribute__((constructor)) static void map_file(void) {
  const char *path = getenv("SHIFTED_CLOCK_FILE");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED) shift = memory;
}

int clock_gettime(clockid_t clock, struct timespec *result) {
  int code = syscall(SYS_clock_gettime, clock, result);
  if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    result->tv_sec += atomic_load(shift);
  return code;
}

int gettimeofday(struct timeval *restrict result, void *restrict zone) {
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
  result->tv_sec = now.tv_sec;
  result->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}

// The kernel knows nothing of our clock. So who waits for a moment of it looks at it every so often, and a
// clock that is set back makes him wait longer, as the kernel would. Moments of steady clocks, which
// count from the machine's start, are far below this.
#define LEAST_WALL_SECONDS 1000000000
#define SLICE_NANOSECONDS 50000000

// The end of the next slice on the real clock, or nothing when the moment has come.
static int next_slice(const struct timespec *until, struct timespec *end) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  int64_t left = (until->tv_sec - now.tv_sec) * INT64_C(1000000000) + until->tv_nsec - now.tv_nsec;
  if (left <= 0) return 0;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, end);
  end->tv_nsec += left < SLICE_NANOSECONDS ? left : SLICE_NANOSECONDS;
  end->tv_sec += end->tv_nsec / 1000000000;
  end->tv_nsec %= 1000000000;
  return 1;
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until) {
  static _Atomic(int (*)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *)) next;
  if (!atomic_load(&next)) atomic_store(&next, dlsym(RTLD_NEXT, "pthread_cond_timedwait"));
  if (until->tv_sec < LEAST_WALL_SECONDS) return atomic_load(&next)(condition, mutex, until);
  struct timespec end;
  while (next_slice(until, &end)) {
    int code = atomic_load(&next)(condition, mutex, &end);
    if (code != ETIMEDOUT) return code;
  }
  return ETIMEDOUT;
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
  static _Atomic(int (*)(sem_t *, const struct timespec *)) next;
  if (!atomic_load(&next)) atomic_store(&next, dlsym(RTLD_NEXT, "sem_timedwait"));
  struct timespec end;
  while (next_slice(until, &end)) {
    if (atomic_load(&next)(semaphore, &end) == 0) return 0;
    if (errno != ETIMEDOUT) return -1;
  }
  if (sem_trywait(semaphore) == 0) return 0;
  errno = ETIMEDOUT;
  return -1;
}
