// zlib as it is; the macros deflateInit2 and inflateInit2 are called by their underlying functions.
#include <zlib.h>
