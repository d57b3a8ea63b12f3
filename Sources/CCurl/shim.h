// libcurl as it is; its variadic functions are called through CCurlShims.
#include <curl/curl.h>
