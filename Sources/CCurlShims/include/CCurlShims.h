// libcurl's variadic functions, one per type of argument, so that Swift can call them.
#ifndef CCURLSHIMS_H
#define CCURLSHIMS_H
#include <curl/curl.h>

// What header, write and read functions have in common.
typedef size_t (*curl_shim_data_function)(char *bytes, size_t size, size_t count, void *context);

CURLcode curl_shim_global_init(void);

CURLcode curl_shim_setopt_long(CURL *handle, CURLoption option, long value);
CURLcode curl_shim_setopt_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode curl_shim_setopt_text(CURL *handle, CURLoption option, const char *value);
CURLcode curl_shim_setopt_pointer(CURL *handle, CURLoption option, void *value);
CURLcode curl_shim_setopt_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode curl_shim_setopt_data(CURL *handle, CURLoption option, curl_shim_data_function value);
CURLcode curl_shim_setopt_seek(CURL *handle, curl_seek_callback value);
CURLcode curl_shim_setopt_prereq(CURL *handle, curl_prereq_callback value);
CURLcode curl_shim_setopt_debug(CURL *handle, curl_debug_callback value);
CURLcode curl_shim_setopt_progress(CURL *handle, curl_xferinfo_callback value);

CURLcode curl_shim_getinfo_long(CURL *handle, CURLINFO info, long *value);
CURLcode curl_shim_getinfo_offset(CURL *handle, CURLINFO info, curl_off_t *value);
CURLcode curl_shim_getinfo_pointer(CURL *handle, CURLINFO info, void **value);

CURLMcode curl_shim_multi_setopt_long(CURLM *multi, CURLMoption option, long value);

#endif
