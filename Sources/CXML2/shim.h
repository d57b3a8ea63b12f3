// libxml2's pull reader as it is. Debian builds it with ICU, whose header clashes with the one
// inside Foundation; without this macro only the tail of a struct that nobody here makes is hidden.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/xmlreader.h>
