// The files of the web page as bytes in the binary, so that it needs nothing beside it.
#ifndef CWEBPAGE_H
#define CWEBPAGE_H
#include <stddef.h>

struct cweb_page_file {
  /// Below the page's own folder, such as `shell/main.js`.
  const char *path;
  const unsigned char *bytes;
  size_t length;
};

/// All of them, in the order of their paths.
extern const struct cweb_page_file *const cweb_page_files;
extern const size_t cweb_page_file_count;

#endif
