// The documentation page's files as bytes in the binary, so that it needs nothing beside it.
#ifndef CDOCSPAGE_H
#define CDOCSPAGE_H
#include <stddef.h>

extern const unsigned char *const cdocs_page_html;
extern const size_t cdocs_page_html_length;
extern const unsigned char *const cdocs_style_css;
extern const size_t cdocs_style_css_length;
extern const unsigned char *const cdocs_page_js;
extern const size_t cdocs_page_js_length;

#endif
