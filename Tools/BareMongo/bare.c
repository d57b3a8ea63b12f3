// The limit of `./dev bench mongo`: libmongoc itself, one thread and one libmongoc client for each client.
//
//   bare version
//   bare append CLIENTS SECONDS FILE                inserts the documents of FILE, one at a time
//   bare pages newest|older CLIENTS SECONDS MESSAGES PREFIX
//   bare encode FILE MESSAGES                       encodes and decodes what lies in FILE
//
// The server is told by ARCHIVE_MONGO_URI and ARCHIVE_MONGO_DATABASE. Write concern is majority with journal; BARE_OPTIONS
// is added to the connection string. Prints what it measured as JSON, one object a line.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <inttypes.h>
#include <mongoc/mongoc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAGE = 50, STACK_BYTES = 256 << 10 };

static void fail(const char *what, const char *why) {
  fprintf(stderr, "bare: %s: %s\n", what, why);
  exit(1);
}

static int number(const char *text) {
  int value = atoi(text);
  if (value <= 0) fail("no positive number", text);
  return value;
}

// --- what a stretch of work took ---

typedef struct {
  double wall, cpu;
  uint64_t allocations;
} gauge;

static uint64_t (*counted_allocations)(void);

static double seconds_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static gauge now(void) {
  return (gauge){seconds_of(CLOCK_MONOTONIC), seconds_of(CLOCK_PROCESS_CPUTIME_ID),
                 counted_allocations ? counted_allocations() : 0};
}

static void print_since(gauge start, const char *name, long count) {
  gauge end = now();
  printf("{\"name\": \"%s\", \"count\": %ld, \"seconds\": %.6f, \"cpu\": %.6f", name, count,
         end.wall - start.wall, end.cpu - start.cpu);
  if (counted_allocations) printf(", \"allocations\": %" PRIu64, end.allocations - start.allocations);
  printf("}\n");
}

// --- the documents ---

typedef struct {
  uint8_t *bytes;
  size_t count;
  // Where each begins; one more for the end.
  size_t *places;
} documents;

static documents read_documents(const char *path) {
  documents found = {0};
  FILE *file = fopen(path, "r");
  if (!file) fail("cannot open", path);
  fseek(file, 0, SEEK_END);
  size_t length = ftell(file), place = 0, room = 0;
  rewind(file);
  found.bytes = malloc(length);
  if (fread(found.bytes, 1, length, file) != length) fail("cannot read", path);
  fclose(file);
  while (true) {
    if (found.count == room) {
      room = room ? 2 * room : 1024;
      found.places = realloc(found.places, room * sizeof *found.places);
    }
    found.places[found.count] = place;
    if (place + 4 > length) break;
    uint32_t size;
    memcpy(&size, found.bytes + place, 4);
    size = BSON_UINT32_FROM_LE(size);
    if (size < 5 || size > length - place) fail("damaged", path);
    place += size;
    found.count++;
  }
  if (!found.count) fail("empty", path);
  return found;
}

static void view(const documents *all, size_t index, bson_t *document) {
  size_t size = all->places[index + 1] - all->places[index];
  if (!bson_init_static(document, all->bytes + all->places[index], size)) fail("no BSON", "a document");
}

// --- clients ---

static struct {
  mongoc_client_pool_t *pool;
  const char *database;
  pthread_barrier_t ready, go;
  double limit;
  documents documents;
  atomic_size_t next;
  atomic_long done;
  // Of pages.
  bool is_newest;
  int messages;
  const char *prefix;
} shared;

static void open_pool(int clients) {
  const char *uri_text = getenv("ARCHIVE_MONGO_URI"), *options = getenv("BARE_OPTIONS");
  shared.database = getenv("ARCHIVE_MONGO_DATABASE");
  if (!uri_text || !shared.database) fail("not set", "ARCHIVE_MONGO_URI or ARCHIVE_MONGO_DATABASE");
  char *text = bson_strdup_printf("%s&w=majority&journal=true&maxPoolSize=%d%s%s", uri_text, clients,
                                  options ? "&" : "", options ? options : "");
  bson_error_t error;
  mongoc_uri_t *uri = mongoc_uri_new_with_error(text, &error);
  if (!uri) fail("the connection string", error.message);
  shared.pool = mongoc_client_pool_new(uri);
  mongoc_client_pool_set_error_api(shared.pool, 2);
  mongoc_uri_destroy(uri);
  bson_free(text);
}

static void insert_documents(mongoc_collection_t *collection, double end) {
  bson_error_t error;
  bson_t document;
  while (seconds_of(CLOCK_MONOTONIC) < end) {
    size_t index = atomic_fetch_add(&shared.next, 1);
    if (index >= shared.documents.count) return;
    view(&shared.documents, index, &document);
    if (!mongoc_collection_insert_one(collection, &document, NULL, NULL, &error))
      fail("insert", error.message);
    atomic_fetch_add(&shared.done, 1);
  }
}

// What the log's own query asks for, and every document looked into.
static void read_page(mongoc_collection_t *collection, long place) {
  char *lower = bson_strdup_printf("%s/%012d", shared.prefix, 1);
  char *upper = bson_strdup_printf("%s/%012ld", shared.prefix, place - 1);
  bson_t filter, options, range, sort;
  bson_init(&filter);
  BSON_APPEND_DOCUMENT_BEGIN(&filter, "_id", &range);
  BSON_APPEND_UTF8(&range, "$gte", lower);
  BSON_APPEND_UTF8(&range, "$lte", upper);
  bson_append_document_end(&filter, &range);
  bson_init(&options);
  BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &sort);
  BSON_APPEND_INT32(&sort, "_id", -1);
  bson_append_document_end(&options, &sort);
  BSON_APPEND_INT64(&options, "limit", PAGE);
  BSON_APPEND_INT32(&options, "batchSize", PAGE);
  mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(collection, &filter, &options, NULL);
  const bson_t *document;
  bson_iter_t line;
  bson_error_t error;
  int count = 0;
  while (mongoc_cursor_next(cursor, &document))
    if (bson_iter_init_find(&line, document, "line") && bson_iter_utf8(&line, NULL)) count++;
  if (mongoc_cursor_error(cursor, &error)) fail("find", error.message);
  if (count != PAGE) fail("find", "a page is short");
  mongoc_cursor_destroy(cursor);
  bson_destroy(&options);
  bson_destroy(&filter);
  bson_free(lower);
  bson_free(upper);
}

static void read_pages(mongoc_collection_t *collection, double end, uint64_t client) {
  uint64_t random = client + 1;
  while (seconds_of(CLOCK_MONOTONIC) < end) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    long place = PAGE + 1 + (long)((random >> 33) % (uint64_t)(shared.messages - PAGE));
    read_page(collection, shared.is_newest ? shared.messages + 1 : place);
    atomic_fetch_add(&shared.done, 1);
  }
}

static void *run_client(void *argument) {
  mongoc_client_t *client = mongoc_client_pool_pop(shared.pool);
  mongoc_collection_t *collection = mongoc_client_get_collection(client, shared.database, "entries");
  mongoc_read_concern_t *majority = mongoc_read_concern_new();
  mongoc_read_concern_set_level(majority, MONGOC_READ_CONCERN_LEVEL_MAJORITY);
  mongoc_collection_set_read_concern(collection, majority);
  bson_t ping = BSON_INITIALIZER;
  BSON_APPEND_INT32(&ping, "ping", 1);
  bson_error_t error;
  // Connects.
  if (!mongoc_client_command_simple(client, "admin", &ping, NULL, NULL, &error)) fail("ping", error.message);
  pthread_barrier_wait(&shared.ready);
  pthread_barrier_wait(&shared.go);
  double end = seconds_of(CLOCK_MONOTONIC) + shared.limit;
  if (shared.documents.count)
    insert_documents(collection, end);
  else
    read_pages(collection, end, (uintptr_t)argument);
  bson_destroy(&ping);
  mongoc_read_concern_destroy(majority);
  mongoc_collection_destroy(collection);
  mongoc_client_pool_push(shared.pool, client);
  return NULL;
}

static void run_clients(int clients, const char *seconds) {
  shared.limit = atof(seconds);
  if (shared.limit <= 0) fail("no positive number", seconds);
  open_pool(clients);
  pthread_barrier_init(&shared.ready, NULL, clients + 1);
  pthread_barrier_init(&shared.go, NULL, clients + 1);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  pthread_t *threads = calloc(clients, sizeof *threads);
  for (int i = 0; i < clients; i++)
    if (pthread_create(&threads[i], &attributes, run_client, (void *)(uintptr_t)i)) fail("no thread", "pthread_create");
  pthread_barrier_wait(&shared.ready);
  gauge start = now();
  pthread_barrier_wait(&shared.go);
  for (int i = 0; i < clients; i++) pthread_join(threads[i], NULL);
  print_since(start, "", atomic_load(&shared.done));
  free(threads);
  mongoc_client_pool_destroy(shared.pool);
}

// --- encoding ---

enum { FIELDS = 8 };

typedef struct {
  const char *name, *text;
  uint32_t name_length, text_length;
} field;

typedef struct {
  field fields[FIELDS];
  int count;
} message;

static message fields_of(const bson_t *document) {
  message found = {0};
  bson_iter_t iter;
  bson_iter_init(&iter, document);
  while (bson_iter_next(&iter)) {
    if (!BSON_ITER_HOLDS_UTF8(&iter)) continue;
    if (found.count == FIELDS) fail("too many", "fields");
    field *next = &found.fields[found.count++];
    next->name = bson_iter_key(&iter);
    next->name_length = strlen(next->name);
    next->text = bson_iter_utf8(&iter, &next->text_length);
  }
  return found;
}

static size_t encode(const message *given) {
  bson_t *document = bson_new();
  BSON_APPEND_INT32(document, "schema-version", 1);
  for (int i = 0; i < given->count; i++) {
    const field *next = &given->fields[i];
    bson_append_utf8(document, next->name, next->name_length, next->text, next->text_length);
  }
  size_t size = document->len;
  bson_destroy(document);
  return size;
}

// Copies of all strings, as whoever keeps the message needs them.
static size_t decode(const bson_t *document) {
  char *kept[FIELDS] = {0};
  int count = 0;
  bson_iter_t iter;
  bson_iter_init(&iter, document);
  while (bson_iter_next(&iter))
    if (BSON_ITER_HOLDS_UTF8(&iter) && count < FIELDS) kept[count++] = bson_iter_dup_utf8(&iter, NULL);
  for (int i = 0; i < count; i++) bson_free(kept[i]);
  return document->len;
}

static void run_codec(const char *path, long messages) {
  documents all = read_documents(path);
  size_t count = all.count < 1000 ? all.count : 1000, bytes = 0, expected = 0;
  bson_t *views = NULL;
  if (posix_memalign((void **)&views, 128, count * sizeof *views)) fail("no", "memory");
  message *given = calloc(count, sizeof *given);
  for (size_t i = 0; i < count; i++) {
    view(&all, i, &views[i]);
    given[i] = fields_of(&views[i]);
  }
  long done = 0;
  gauge start = now();
  for (; done < messages; done += count)
    for (size_t i = 0; i < count; i++) bytes += encode(&given[i]), expected += views[i].len;
  print_since(start, "bson_append", done);
  if (bytes != expected) fail("bson_append", "gives other bytes");
  done = 0;
  start = now();
  for (; done < messages; done += count)
    for (size_t i = 0; i < count; i++) bytes += decode(&views[i]);
  print_since(start, "bson_iter, strings copied", done);
  free(given);
  free(views);
}

int main(int count, char **words) {
  counted_allocations = (uint64_t(*)(void))dlsym(RTLD_DEFAULT, "counted_allocations");
  mongoc_init();
  if (count == 2 && !strcmp(words[1], "version")) {
    printf("libmongoc %s\n", mongoc_get_version());
  } else if (count == 5 && !strcmp(words[1], "append")) {
    shared.documents = read_documents(words[4]);
    run_clients(number(words[2]), words[3]);
  } else if (count == 7 && !strcmp(words[1], "pages")) {
    shared.is_newest = !strcmp(words[2], "newest");
    shared.messages = number(words[5]);
    shared.prefix = words[6];
    run_clients(number(words[3]), words[4]);
  } else if (count == 4 && !strcmp(words[1], "encode")) {
    run_codec(words[2], number(words[3]));
  } else {
    fail("usage", "version|append|pages|encode ARGUMENTS");
  }
  mongoc_cleanup();
  return 0;
}
