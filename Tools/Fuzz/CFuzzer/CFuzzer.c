// A target with a header only needs one file that is compiled.
#include "CFuzzer.h"
