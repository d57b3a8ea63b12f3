// What an executable tells the C library's allocator at its start.
#ifndef C_ALLOCATOR_H
#define C_ALLOCATOR_H

/// Lets the allocator keep freed memory up to `bytes` and serve blocks up to `bytes` from it, in place of asking the
/// system for each chunk of a large transfer and giving it back. Returns 0 where the C library cannot be told.
/// Call it once, before other threads run.
int allocator_keep_freed_memory(int bytes);

#endif
