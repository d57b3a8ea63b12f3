// Makes writes below one directory fail while a flag file says so: a failing disk for ./dev torture.
//
// Built and used at run time, never part of the server:
//   cc -shared -fPIC -O2 -o failing_io.so scripts/torture/failing_io.c -ldl
//   FAILING_IO_DIRECTORY=/data FAILING_IO_FLAG=/tmp/flag LD_PRELOAD=./failing_io.so archive-service serve
//   echo "EIO fsync" >/tmp/flag      from now on fsync and fdatasync fail
//   rm /tmp/flag                     the disk is well again
//
// The flag holds one fault per line, ERROR CALL: EIO, ENOSPC or EDQUOT, and then one of
//   write   write, writev, pwrite, pwritev, ftruncate, fallocate
//   fsync   fsync, fdatasync, sync_file_range
// With " every N" behind it, only each Nth such call fails. Calls on files elsewhere always pass.
// What it does not see: writes to a memory map (SQLite's -shm, which need not be durable) and
// system calls made without libc.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char directory[PATH_MAX];
static const char *flag_path;
static atomic_ulong call_count;

__attribute__((constructor)) static void read_environment(void) {
  const char *given = getenv("FAILING_IO_DIRECTORY");
  flag_path = getenv("FAILING_IO_FLAG");
  // The kernel shows real paths below /proc/self/fd, so links in the given one are resolved.
  if (!given || !flag_path || !realpath(given, directory)) flag_path = NULL;
}

static int is_below_directory(int descriptor) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  size_t prefix = strlen(directory);
  return strncmp(path, directory, prefix) == 0 && (path[prefix] == '/' || path[prefix] == 0);
}

// Reads the flag anew each time, past our own wrappers; it is a few bytes and only read under test.
static ssize_t read_flag(char *text, size_t size) {
  int file = syscall(SYS_openat, AT_FDCWD, flag_path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t length = syscall(SYS_read, file, text, size - 1);
  syscall(SYS_close, file);
  if (length >= 0) text[length] = 0;
  return length;
}

static int code_named(const char *name) {
  if (strcmp(name, "EIO") == 0) return EIO;
  if (strcmp(name, "ENOSPC") == 0) return ENOSPC;
  if (strcmp(name, "EDQUOT") == 0) return EDQUOT;
  return 0;
}

// The errno with which this call is to fail, or 0.
static int fault(const char *call, int descriptor) {
  if (!flag_path) return 0;
  int saved = errno, result = 0;
  char text[512];
  if (read_flag(text, sizeof text) > 0 && is_below_directory(descriptor)) {
    char *rest = text;
    for (char *line; !result && (line = strsep(&rest, "\n"));) {
      char name[16], which[16];
      unsigned long every = 1;
      if (sscanf(line, "%15s %15s every %lu", name, which, &every) < 2) continue;
      if (strcmp(which, call) != 0) continue;
      if (every > 1 && atomic_fetch_add(&call_count, 1) % every != every - 1) continue;
      result = code_named(name);
    }
  }
  errno = saved;
  return result;
}

#define FAIL_OR_PASS(call, descriptor, type, name, parameters, arguments) \
  do {                                                                    \
    int code = fault(call, descriptor);                                   \
    if (code) {                                                           \
      errno = code;                                                       \
      return -1;                                                          \
    }                                                                     \
    static type(*real) parameters;                                        \
    if (!real) real = (type(*) parameters)dlsym(RTLD_NEXT, name);         \
    return real arguments;                                                \
  } while (0)

ssize_t write(int file, const void *bytes, size_t count) {
  FAIL_OR_PASS("write", file, ssize_t, "write", (int, const void *, size_t), (file, bytes, count));
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  FAIL_OR_PASS("write", file, ssize_t, "writev", (int, const struct iovec *, int),
               (file, parts, count));
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  FAIL_OR_PASS("write", file, ssize_t, "pwrite", (int, const void *, size_t, off_t),
               (file, bytes, count, at));
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  FAIL_OR_PASS("write", file, ssize_t, "pwrite64", (int, const void *, size_t, off64_t),
               (file, bytes, count, at));
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
  FAIL_OR_PASS("write", file, ssize_t, "pwritev", (int, const struct iovec *, int, off_t),
               (file, parts, count, at));
}

int ftruncate(int file, off_t size) {
  FAIL_OR_PASS("write", file, int, "ftruncate", (int, off_t), (file, size));
}

int ftruncate64(int file, off64_t size) {
  FAIL_OR_PASS("write", file, int, "ftruncate64", (int, off64_t), (file, size));
}

int fallocate(int file, int mode, off_t at, off_t size) {
  FAIL_OR_PASS("write", file, int, "fallocate", (int, int, off_t, off_t), (file, mode, at, size));
}

// This one returns its error instead of setting errno.
int posix_fallocate(int file, off_t at, off_t size) {
  int code = fault("write", file);
  if (code) return code;
  static int (*real)(int, off_t, off_t);
  if (!real) real = (int (*)(int, off_t, off_t))dlsym(RTLD_NEXT, "posix_fallocate");
  return real(file, at, size);
}

int fsync(int file) { FAIL_OR_PASS("fsync", file, int, "fsync", (int), (file)); }

int fdatasync(int file) { FAIL_OR_PASS("fsync", file, int, "fdatasync", (int), (file)); }

int sync_file_range(int file, off64_t at, off64_t size, unsigned flags) {
  FAIL_OR_PASS("fsync", file, int, "sync_file_range", (int, off64_t, off64_t, unsigned),
               (file, at, size, flags));
}
