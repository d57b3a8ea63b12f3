// mallopt(3) of glibc; other C libraries have nothing like it.
#include "CAllocator.h"

#if defined(__GLIBC__)
#include <malloc.h>

int allocator_keep_freed_memory(int bytes) {
  return mallopt(M_MMAP_THRESHOLD, bytes) && mallopt(M_TRIM_THRESHOLD, bytes);
}
#else
int allocator_keep_freed_memory(int bytes) {
  (void)bytes;
  return 0;
}
#endif
