// What Swift cannot do with libmongoc itself: `bson_t`, which Swift would not align, stays on this side.
#ifndef CMONGOCSHIMS_H
#define CMONGOCSHIMS_H
#include <mongoc/mongoc.h>

// An answer of a server, as BSON; `bytes` may be NULL. Its owner calls `mongoc_shim_reply_free`, once.
typedef struct {
  uint8_t *bytes;
  uint32_t length;
} mongoc_shim_reply;

void mongoc_shim_reply_free(mongoc_shim_reply *reply);

// Initialises libmongoc and keeps it from writing to standard error. Once for the process.
void mongoc_shim_initialise(void);

// Whether libmongoc knows an option of a connection string, whatever its case.
bool mongoc_shim_knows_option(const char *name);

// Sends one command and waits for the answer, through the session. Nothing is added to the command but what
// protocol and session ask for, and nothing is retried. `server` 0 stands for the primary or any router.
// False: see `error`; there may be an answer nevertheless.
bool mongoc_shim_command(mongoc_client_t *client, mongoc_client_session_t *session, uint32_t server,
                         const char *database, const uint8_t *bytes, size_t length,
                         mongoc_shim_reply *reply, bson_error_t *error);

// The number of the primary, or of a router; 0 when there is none within the deadline of server selection.
uint32_t mongoc_shim_select_server(mongoc_client_t *client, bson_error_t *error);

// A session without causal consistency; its owner calls `mongoc_client_session_destroy`. NULL: see `error`.
mongoc_client_session_t *mongoc_shim_session_new(mongoc_client_t *client, bson_error_t *error);

// Reads a snapshot, commits with majority and journal.
bool mongoc_shim_start_transaction(mongoc_client_session_t *session, int64_t commit_limit_ms,
                                   bson_error_t *error);
bool mongoc_shim_commit(mongoc_client_session_t *session, mongoc_shim_reply *reply,
                        bson_error_t *error);

#endif
