// libmongoc as it is. `bson_t` must lie on 128 bytes, which Swift does not do: whatever has one goes through CMongocShims.
#include <mongoc/mongoc.h>
