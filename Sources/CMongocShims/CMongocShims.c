// Every `bson_t` lives on the stack of one function here, where the compiler aligns it.
#include "CMongocShims.h"
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

// The answer's bytes leave the `bson_t`, which ends here.
static void take(bson_t *answer, mongoc_shim_reply *reply) {
  reply->bytes = bson_destroy_with_steal(answer, true, &reply->length);
}

void mongoc_shim_reply_free(mongoc_shim_reply *reply) {
  bson_free(reply->bytes);
  *reply = (mongoc_shim_reply){0};
}

// Debian's library initialises itself when it is loaded, also where nobody is going to use it, and keeps counters, which
// nobody reads, in a file of shared memory that stays behind when the process is killed. The mapping needs no name.
__attribute__((constructor)) static void forget_counters(void) {
  char name[32];
  snprintf(name, sizeof name, "/mongoc-%u", (unsigned)getpid());
  shm_unlink(name);
}

void mongoc_shim_initialise(void) {
  // Its lines may hold parts of connection strings and of documents.
  mongoc_log_set_handler(NULL, NULL);
  mongoc_init();
}

bool mongoc_shim_knows_option(const char *name) {
  // Those that libmongoc's own questions leave out, because it treats them apart.
  static const char *const others[] = {
      "authmechanism",    "authmechanismproperties", "authsource", "compressors", "gssapiservicename",
      "readconcernlevel", "readpreferencetags",      "slaveok",    "w"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (!bson_strcasecmp(name, others[i])) return true;
  return mongoc_uri_option_is_int32(name) || mongoc_uri_option_is_int64(name) ||
         mongoc_uri_option_is_bool(name) || mongoc_uri_option_is_utf8(name);
}

bool mongoc_shim_command(mongoc_client_t *client, mongoc_client_session_t *session, uint32_t server,
                         const char *database, const uint8_t *bytes, size_t length,
                         mongoc_shim_reply *reply, bson_error_t *error) {
  bson_t command, answer, options;
  if (!bson_init_static(&command, bytes, length)) {
    bson_set_error(error, MONGOC_ERROR_BSON, MONGOC_ERROR_BSON_INVALID, "the command is no BSON");
    return false;
  }
  bson_init(&options);
  bool is_right = mongoc_client_session_append(session, &options, error);
  if (is_right && server) is_right = BSON_APPEND_INT32(&options, "serverId", (int32_t)server);
  if (is_right) {
    is_right = mongoc_client_command_with_opts(client, database, &command, NULL, &options, &answer, error);
    take(&answer, reply);
  }
  bson_destroy(&options);
  return is_right;
}

uint32_t mongoc_shim_select_server(mongoc_client_t *client, bson_error_t *error) {
  mongoc_server_description_t *server = mongoc_client_select_server(client, true, NULL, error);
  if (!server) return 0;
  uint32_t number = mongoc_server_description_id(server);
  mongoc_server_description_destroy(server);
  return number;
}

mongoc_client_session_t *mongoc_shim_session_new(mongoc_client_t *client, bson_error_t *error) {
  mongoc_session_opt_t *options = mongoc_session_opts_new();
  mongoc_session_opts_set_causal_consistency(options, false);
  mongoc_client_session_t *session = mongoc_client_start_session(client, options, error);
  mongoc_session_opts_destroy(options);
  return session;
}

bool mongoc_shim_start_transaction(mongoc_client_session_t *session, int64_t commit_limit_ms,
                                   bson_error_t *error) {
  mongoc_write_concern_t *writes = mongoc_write_concern_new();
  mongoc_write_concern_set_wmajority(writes, (int32_t)commit_limit_ms);
  mongoc_write_concern_set_journal(writes, true);
  mongoc_read_concern_t *reads = mongoc_read_concern_new();
  mongoc_read_concern_set_level(reads, MONGOC_READ_CONCERN_LEVEL_SNAPSHOT);
  mongoc_read_prefs_t *primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
  mongoc_transaction_opt_t *options = mongoc_transaction_opts_new();
  mongoc_transaction_opts_set_write_concern(options, writes);
  mongoc_transaction_opts_set_read_concern(options, reads);
  mongoc_transaction_opts_set_read_prefs(options, primary);
  mongoc_transaction_opts_set_max_commit_time_ms(options, commit_limit_ms);
  bool has_started = mongoc_client_session_start_transaction(session, options, error);
  mongoc_transaction_opts_destroy(options);
  mongoc_read_prefs_destroy(primary);
  mongoc_read_concern_destroy(reads);
  mongoc_write_concern_destroy(writes);
  return has_started;
}

bool mongoc_shim_commit(mongoc_client_session_t *session, mongoc_shim_reply *reply,
                        bson_error_t *error) {
  bson_t answer;
  bool is_right = mongoc_client_session_commit_transaction(session, &answer, error);
  take(&answer, reply);
  return is_right;
}
