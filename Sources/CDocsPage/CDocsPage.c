// Puts the files of the documentation page into the binary (C23 #embed).
#include "CDocsPage.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char page_html[] = {
#embed "files/page.html"
};
static const unsigned char style_css[] = {
#embed "files/style.css"
};
static const unsigned char page_js[] = {
#embed "files/page.js"
};

const unsigned char *const cdocs_page_html = page_html;
const size_t cdocs_page_html_length = sizeof page_html;
const unsigned char *const cdocs_style_css = style_css;
const size_t cdocs_style_css_length = sizeof style_css;
const unsigned char *const cdocs_page_js = page_js;
const size_t cdocs_page_js_length = sizeof page_js;
