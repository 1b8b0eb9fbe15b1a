/*
 * Stores: opened, made of functions, misused, shared by threads, inherited by children. Run under the sanitizers and
 * valgrind too. The argument is a directory for SQLite files.
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"
#include "host_store.h"
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

/* Some seconds are enough, but not under valgrind on a slow disk. */
#define PATIENCE 300000
#define POISON ((void *)(uintptr_t)0x5a5a5a50)
#define THREADS 8

static const char *directory = ".";

static aw_store *open_store(const char *url) {
    aw_store *store = NULL;
    MUST(aw_store_open(url, AW_NUL, NULL, 0, &store, NULL));
    return store;
}

/* The URL of a file of the test's own. */
static const char *file(const char *name) {
    static char url[4096];
    snprintf(url, sizeof url, "sqlite:%s/%s", directory, name);
    return url;
}

static bool has_sqlite(void) {
    aw_store *store = NULL;
    aw_status status = aw_store_open(file("there.db"), AW_NUL, NULL, 0, &store, NULL);
    aw_store_free(store);
    return status != AW_ERR_TRANSPORT_UNSUPPORTED;
}

/* The keys of one program, in a store. */
static aw_api_keys *keys_in(const aw_store *store) {
    aw_key *pepper = NULL;
    aw_api_keys *keys = NULL;
    MUST(aw_key_from_secret("a pepper of 32 bytes, or of more", AW_NUL, NULL, NULL, &pepper, NULL));
    const aw_key *peppers[] = {pepper};
    MUST(aw_api_keys_new("{\"prefix\": \"acme\", \"environment\": \"test\"}", AW_NUL, peppers, 1, store, &keys, NULL));
    aw_key_free(pepper);
    return keys;
}

static aw_status issue(const aw_api_keys *keys) {
    aw_api_key *key = NULL;
    aw_status status = aw_api_keys_issue(keys, "{\"owner\": \"o\"}", AW_NUL, PATIENCE, &key, NULL);
    aw_api_key_free(key);
    return status;
}

static void conforms(const char *name, const aw_store *store) {
    bool passed = false;
    aw_buffer *json = NULL;
    EXPECT(AW_OK, aw_store_check(store, "{\"collects_by_itself\": false}", AW_NUL, PATIENCE, &passed, &json, NULL));
    if (!passed) {
        fprintf(stderr, "%s: %s\n", name, aw_buffer_data(json));
        failures++;
    }
    aw_buffer_free(json);
}

static void conformance(void) {
    aw_store *store = open_store("memory:");
    conforms("memory", store);
    aw_store_free(store);
    MUST(aw_store_new(&shelf_functions, new_shelf(100000), &store, NULL));
    conforms("functions", store);
    aw_store_free(store);
    if (has_sqlite()) {
        store = open_store(file("conformance.db"));
        conforms("sqlite", store);
        aw_store_close(store);
        aw_store_free(store);
    }
}

/* What goes wrong in the functions, one at a time. */
static struct {
    int answer;
    int (*hand)(aw_record_sink *sink);
} wrong;

static int wrong_find(aw_record_sink *sink) {
    if (wrong.hand != NULL) {
        (void)wrong.hand(sink); /* whoever does not look at this fails, too */
    }
    return wrong.answer;
}

static int wrong_get(const char *key, uint64_t timeout_ms, aw_record_sink *found, void *user) {
    CHECK(key != NULL && timeout_ms > 0 && user == NULL);
    return wrong_find(found);
}

static int wrong_put_if(const aw_record *record, uint64_t expected, uint64_t timeout_ms, void *user) {
    (void)timeout_ms, (void)user;
    CHECK(record->size == sizeof *record && expected == AW_ABSENT && record->expires_at == AW_NEVER);
    CHECK(strlen(record->value) == record->value_length && record->owner != NULL && record->version != 0);
    return wrong.answer;
}

static int wrong_delete_if(const char *key, uint64_t version, uint64_t timeout_ms, void *user) {
    (void)key, (void)version, (void)timeout_ms, (void)user;
    return wrong.answer;
}

static int wrong_list(const char *owner, const char *after, size_t limit, uint64_t timeout_ms, aw_record_sink *page,
                      void *user) {
    (void)timeout_ms, (void)user;
    CHECK(owner != NULL && after == NULL && limit == 2);
    return wrong_find(page);
}

static int wrong_sweep(uint64_t before, size_t limit, uint64_t timeout_ms, size_t *removed, void *user) {
    (void)timeout_ms, (void)user;
    CHECK(before != AW_NEVER && limit > 0 && *removed == 0);
    return wrong.answer;
}

/* A record whose owner is that of wrong_list(), and which is nobody's key. */
static aw_record stranger(void) {
    return (aw_record){.size = sizeof(aw_record),
                       .key = "api_key/acme_test/0000000000000000",
                       .version = 1,
                       .value = "{}",
                       .value_length = 2,
                       .owner = "api_key/acme_test/o",
                       .expires_at = AW_NEVER};
}

static int hand_null(aw_record_sink *sink) {
    return aw_record_sink_add(sink, NULL);
}

static int hand_small(aw_record_sink *sink) {
    aw_record record = stranger();
    record.size--;
    return aw_record_sink_add(sink, &record);
}

static int hand_unnamed(aw_record_sink *sink) {
    aw_record record = stranger();
    record.key = "";
    return aw_record_sink_add(sink, &record);
}

static int hand_key_with_space(aw_record_sink *sink) {
    aw_record record = stranger();
    record.key = "a b";
    return aw_record_sink_add(sink, &record);
}

static int hand_long_key(aw_record_sink *sink) {
    static char key[300];
    aw_record record = stranger();
    memset(key, 'k', sizeof key - 1);
    record.key = key;
    return aw_record_sink_add(sink, &record);
}

static int hand_no_text(aw_record_sink *sink) {
    aw_record record = stranger();
    record.value = "\xff\xfe";
    return aw_record_sink_add(sink, &record);
}

static int hand_no_value(aw_record_sink *sink) {
    aw_record record = stranger();
    record.value = NULL;
    record.value_length = 0;
    return aw_record_sink_add(sink, &record);
}

static int hand_endless(aw_record_sink *sink) {
    aw_record record = stranger();
    record.value_length = SIZE_MAX - 1;
    return aw_record_sink_add(sink, &record);
}

static int hand_wrong_owner(aw_record_sink *sink) {
    aw_record record = stranger();
    record.owner = "\xc3\x28";
    return aw_record_sink_add(sink, &record);
}

static int hand_owner_with_space(aw_record_sink *sink) {
    aw_record record = stranger();
    record.owner = "a b";
    return aw_record_sink_add(sink, &record);
}

static int hand_three(aw_record_sink *sink) {
    aw_record record = stranger();
    CHECK(aw_record_sink_add(sink, &record) == AW_STORE_DONE);
    (void)aw_record_sink_add(sink, &record);
    return aw_record_sink_add(sink, &record);
}

static int hand_next(aw_record_sink *sink) {
    static char next[600];
    memset(next, 'n', sizeof next - 1);
    return aw_record_sink_set_next(sink, next);
}

static int hand_empty_next(aw_record_sink *sink) {
    return aw_record_sink_set_next(sink, "");
}

static int hand_null_next(aw_record_sink *sink) {
    return aw_record_sink_set_next(sink, NULL);
}

/* A version and a time that nobody has set. */
static int hand_version(aw_record_sink *sink) {
    aw_record record = stranger();
    record.version = (uint64_t)1 << 53;
    return aw_record_sink_add(sink, &record);
}

static int hand_end(aw_record_sink *sink) {
    aw_record record = stranger();
    record.expires_at = UINT64_MAX - 1;
    return aw_record_sink_add(sink, &record);
}

/* Of the greatest that there are. */
static int hand_greatest(aw_record_sink *sink) {
    aw_record record = stranger();
    record.version = record.expires_at = ((uint64_t)1 << 53) - 1;
    CHECK(aw_record_sink_add(sink, &record) == AW_STORE_DONE);
    return AW_STORE_DONE;
}

static const aw_store_functions wrong_functions = {.size = sizeof(aw_store_functions),
                                                   .get = wrong_get,
                                                   .put_if = wrong_put_if,
                                                   .delete_if = wrong_delete_if,
                                                   .list = wrong_list,
                                                   .sweep = wrong_sweep};

/* What a function answers, and hands over, is what the call ends with. */
static void failures_of_functions(void) {
    /* And a word that its message has. */
    static const struct {
        int (*hand)(aw_record_sink *);
        const char *word;
    } hands[] = {
        {hand_null, "NULL"},         {hand_small, "size"},
        {hand_unnamed, "key"},       {hand_key_with_space, "key"},
        {hand_long_key, "key"},      {hand_no_text, "value"},
        {hand_no_value, "value"},    {hand_endless, "value"},
        {hand_wrong_owner, "owner"}, {hand_owner_with_space, "owner"},
        {hand_next, "next"},         {hand_empty_next, "next"},
        {hand_null_next, "next"},    {hand_three, "more records"},
        {hand_version, "version"},   {hand_end, "expires_at"},
    };
    static const struct {
        int answer;
        aw_status read, write;
    } answers[] = {
        {AW_STORE_FAILED, AW_ERR_STORE_UNAVAILABLE, AW_ERR_STORE_UNAVAILABLE},
        {AW_STORE_UNCERTAIN, AW_ERR_STORE_UNAVAILABLE, AW_ERR_STORE_UNCERTAIN},
        {AW_STORE_FULL, AW_ERR_STORE_FULL, AW_ERR_STORE_FULL},
        {AW_STORE_CORRUPT, AW_ERR_STORE_CORRUPT, AW_ERR_STORE_CORRUPT},
        {28, AW_ERR_STORE_UNAVAILABLE, AW_ERR_STORE_UNCERTAIN},
        {-1, AW_ERR_STORE_UNAVAILABLE, AW_ERR_STORE_UNCERTAIN},
    };
    static const char id[] = "0000000000000000";
    aw_store *store = NULL;
    MUST(aw_store_new(&wrong_functions, NULL, &store, NULL));
    aw_api_keys *keys = keys_in(store);
    aw_api_key *key = NULL;
    aw_api_key_page *page = NULL;
    for (size_t index = 0; index < sizeof answers / sizeof *answers; index++) {
        aw_error *error = NULL;
        wrong.answer = answers[index].answer;
        EXPECT(answers[index].read, aw_api_keys_get(keys, id, AW_NUL, PATIENCE, &key, NULL));
        EXPECT(answers[index].read, aw_api_keys_list(keys, "o", 1, NULL, 0, 2, PATIENCE, &page, &error));
        CHECK(error != NULL && strlen(aw_error_message(error)) > 0);
        aw_error_free(error);
        EXPECT(answers[index].write, issue(keys));
        EXPECT(answers[index].write, aw_store_sweep(store, PATIENCE, NULL, NULL));
    }
    wrong.answer = AW_STORE_REFUSED; /* which only who writes may say */
    EXPECT(AW_ERR_STORE_UNAVAILABLE, aw_api_keys_get(keys, id, AW_NUL, PATIENCE, &key, NULL));
    EXPECT(AW_ERR_STORE_UNCERTAIN, aw_store_sweep(store, PATIENCE, NULL, NULL));
    for (size_t index = 0; index < sizeof hands / sizeof *hands; index++) {
        aw_error *error = NULL;
        wrong.hand = hands[index].hand;
        wrong.answer = AW_STORE_DONE;
        EXPECT(AW_ERR_STORE_CORRUPT, aw_api_keys_list(keys, "o", 1, NULL, 0, 2, PATIENCE, &page, &error));
        if (strstr(aw_error_message(error), hands[index].word) == NULL) {
            fprintf(stderr, "%s: %s\n", hands[index].word, aw_error_message(error));
            failures++;
        }
        aw_error_free(error);
        wrong.answer = AW_STORE_FAILED;
        EXPECT(AW_ERR_STORE_CORRUPT, aw_api_keys_get(keys, id, AW_NUL, PATIENCE, &key, NULL));
    }
    wrong.hand = hand_greatest; /* a record, and then none of a key of ours */
    wrong.answer = AW_STORE_DONE;
    MUST(aw_api_keys_list(keys, "o", 1, NULL, 0, 2, PATIENCE, &page, NULL));
    CHECK(aw_api_key_page_count(page) == 0);
    aw_api_key_page_free(page);
    wrong.hand = NULL;
    wrong.answer = AW_STORE_DONE;
    EXPECT(AW_ERR_API_KEY_NOT_FOUND, aw_api_keys_get(keys, id, AW_NUL, PATIENCE, &key, NULL));
    /* A suite that finds nothing wrong here would find nothing anywhere: it says that it has removed what it has not.
     */
    bool passed = true;
    aw_buffer *json = NULL;
    aw_store *careless = NULL;
    aw_store_functions functions = shelf_functions;
    functions.delete_if = wrong_delete_if;
    MUST(aw_store_new(&functions, new_shelf(100000), &careless, NULL));
    EXPECT(AW_OK, aw_store_check(careless, NULL, 0, PATIENCE, &passed, &json, NULL));
    CHECK(!passed && strstr(aw_buffer_data(json), "\"found\"") != NULL);
    aw_buffer_free(json);
    aw_store_free(careless);
    aw_api_keys_free(keys);
    aw_store_free(store);
}

#define REFUSED(status, parameter, out, call)                                                                          \
    do {                                                                                                               \
        aw_error *error = POISON;                                                                                      \
        (out) = POISON;                                                                                                \
        EXPECT(status, call);                                                                                          \
        CHECK((out) == NULL && aw_error_field(error) != NULL && strcmp(aw_error_field(error), parameter) == 0);        \
        aw_error_free(error);                                                                                          \
    } while (0)

static void misuse(void) {
    const aw_status invalid = AW_ERR_INVALID_ARGUMENT;
    void *out;
    aw_store **made = (aw_store **)&out;
    REFUSED(invalid, "url", out, aw_store_open(NULL, 0, NULL, 0, made, &error));
    REFUSED(invalid, "url", out, aw_store_open(NULL, AW_NUL, NULL, 0, made, &error));
    REFUSED(invalid, "url", out, aw_store_open("memory:", SIZE_MAX - 1, NULL, 0, made, &error));
    REFUSED(invalid, "url", out, aw_store_open("\xff\xfe:", AW_NUL, NULL, 0, made, &error));
    REFUSED(invalid, "url", out, aw_store_open("postgres://a:secret@b", AW_NUL, NULL, 0, made, &error));
    REFUSED(invalid, "url", out, aw_store_open("memory:x", AW_NUL, NULL, 0, made, &error));
    REFUSED(invalid, "options", out, aw_store_open("memory:", AW_NUL, NULL, 3, made, &error));
    EXPECT(invalid, aw_store_open("memory:", AW_NUL, "[]", AW_NUL, made, NULL));
    REFUSED(invalid, "max_records", out, aw_store_open("memory:", AW_NUL, "{\"max_records\":0}", AW_NUL, made, &error));
    REFUSED(invalid, "namespace", out, aw_store_open("memory:", AW_NUL, "{\"namespace\":\"n\"}", AW_NUL, made, &error));
    REFUSED(AW_ERR_UNKNOWN_OPTION, "records", out,
            aw_store_open("memory:", AW_NUL, "{\"records\":1}", AW_NUL, made, &error));
    EXPECT(invalid, aw_store_open("memory:", AW_NUL, NULL, 0, NULL, NULL));

    aw_error *told = NULL;
    aw_store *none = NULL;
    /* Refused, whatever the library was built with; the password is told to nobody. */
    CHECK(aw_store_open("rediss:/user:hunter2@host", AW_NUL, NULL, 0, &none, &told) != AW_OK && none == NULL);
    CHECK(told != NULL && strstr(aw_error_message(told), "hunter2") == NULL);
    aw_error_free(told);

    aw_store_functions table = wrong_functions;
    REFUSED(invalid, "functions", out, aw_store_new(NULL, NULL, made, &error));
    table.size = 0;
    REFUSED(invalid, "functions", out, aw_store_new(&table, NULL, made, &error));
    table.size = sizeof table - 1;
    REFUSED(invalid, "functions", out, aw_store_new(&table, NULL, made, &error));
    table.size = SIZE_MAX;
    REFUSED(invalid, "functions", out, aw_store_new(&table, NULL, made, &error));
    table.size = sizeof table;
    table.list = NULL;
    REFUSED(invalid, "functions", out, aw_store_new(&table, NULL, made, &error));
    EXPECT(invalid, aw_store_new(&wrong_functions, NULL, NULL, NULL));

    /* Handles of other types, and none. */
    aw_store *store = open_store("memory:");
    aw_key *key = NULL;
    aw_buffer *json = NULL;
    size_t removed = 7;
    bool passed = true;
    MUST(aw_key_generate("HS256", NULL, 0, &key, NULL));
    const aw_store *other = (const aw_store *)(const void *)key;
    EXPECT(invalid, aw_store_sweep(NULL, PATIENCE, &removed, NULL));
    CHECK(removed == 0);
    EXPECT(invalid, aw_store_sweep(other, PATIENCE, &removed, NULL));
    EXPECT(invalid, aw_store_check(NULL, NULL, 0, PATIENCE, &passed, &json, NULL));
    CHECK(!passed && json == NULL);
    EXPECT(invalid, aw_store_check(other, NULL, 0, PATIENCE, &passed, &json, NULL));
    EXPECT(invalid, aw_store_check(store, NULL, 0, PATIENCE, NULL, &json, NULL));
    EXPECT(invalid, aw_store_check(store, NULL, 0, PATIENCE, &passed, NULL, NULL));
    EXPECT(invalid, aw_store_check(store, "{\"part\":\"x\"}", AW_NUL, PATIENCE, &passed, &json, NULL));
    EXPECT(AW_ERR_DEADLINE, aw_store_check(store, NULL, 0, 0, &passed, &json, NULL));
    CHECK(aw_record_sink_add(NULL, NULL) == AW_STORE_CORRUPT);
    CHECK(aw_record_sink_add((aw_record_sink *)(void *)key, NULL) == AW_STORE_CORRUPT);
    CHECK(aw_record_sink_set_next((aw_record_sink *)(void *)key, "x") == AW_STORE_CORRUPT);
    aw_store_close(NULL);
    aw_store_close(other);
    aw_store_free(NULL);
    aw_store_free((aw_store *)(void *)key);
    EXPECT(AW_OK, aw_store_sweep(store, UINT64_MAX, NULL, NULL));
    EXPECT(AW_ERR_DEADLINE, aw_store_sweep(store, 0, NULL, NULL));
    aw_key_free(key);

    /* Closed, twice, and by whom it was made with. */
    aw_api_keys *keys = keys_in(store);
    EXPECT(AW_OK, issue(keys));
    aw_store_close(store);
    aw_store_close(store);
    EXPECT(AW_ERR_CLOSED, issue(keys));
    EXPECT(AW_ERR_CLOSED, aw_store_sweep(store, PATIENCE, &removed, NULL));
    aw_store_free(store);
    EXPECT(AW_ERR_CLOSED, issue(keys));
    aw_api_keys_free(keys);
}

static atomic_int closes, frees;

static void count_close(void *user) {
    CHECK(user == &closes);
    closes++;
}

static void count_free(void *user) {
    CHECK(user == &closes);
    frees++;
}

/* `close` once, `free` once and last, however many hold the store. */
static void ends(void) {
    aw_store *store = NULL;
    aw_store_functions table = wrong_functions;
    table.close = count_close;
    table.free = count_free;
    MUST(aw_store_new(&table, &closes, &store, NULL));
    aw_api_keys *keys = keys_in(store), *others = keys_in(store);
    aw_store_close(store);
    aw_store_close(store);
    CHECK(closes == 1 && frees == 0);
    aw_store_free(store);
    EXPECT(AW_ERR_CLOSED, issue(keys)); /* not asked any more */
    aw_api_keys_free(keys);
    CHECK(frees == 0);
    aw_api_keys_free(others);
    CHECK(closes == 1 && frees == 1);
    table.size = 1;
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_store_new(&table, &closes, &store, NULL));
    CHECK(closes == 1 && frees == 1);
}

/* Room for so many, in memory and in the functions. */
static void full(void) {
    aw_store *stores[2] = {NULL, NULL};
    MUST(aw_store_open("memory:", AW_NUL, "{\"max_records\": 3}", AW_NUL, &stores[0], NULL));
    MUST(aw_store_new(&shelf_functions, new_shelf(3), &stores[1], NULL));
    for (size_t index = 0; index < 2; index++) {
        aw_api_keys *keys = keys_in(stores[index]);
        for (size_t count = 0; count < 3; count++) {
            EXPECT(AW_OK, issue(keys));
        }
        EXPECT(AW_ERR_STORE_FULL, issue(keys));
        aw_api_keys_free(keys);
        aw_store_free(stores[index]);
    }
}

static char used_url[4096];
static atomic_int acknowledged_count;
static char acknowledged[THREADS * 4096][64];

/* The lines of the racers' progress. */
static void note_progress(const char *json, size_t length, void *user) {
    (void)user;
    const char *line = strstr(json, "\"line\":\"");
    if (line != NULL && strstr(json, "store_contention") != NULL && length < 4096) {
        line += strlen("\"line\":\"");
        int place = acknowledged_count++;
        if (place < (int)(sizeof acknowledged / sizeof *acknowledged)) {
            snprintf(acknowledged[place], sizeof acknowledged[place], "%.*s", (int)strcspn(line, "\""), line);
        }
    }
}

struct racer {
    pthread_t thread;
    const aw_store *store;
    int number;
    bool passed;
};

static void *race(void *argument) {
    struct racer *racer = argument;
    aw_buffer *json = NULL;
    char options[128];
    snprintf(options, sizeof options, "{\"run_id\": \"threads\", \"part\": \"contend\", \"racer\": %d, \"rounds\": 10}",
             racer->number);
    aw_status status = aw_store_check(racer->store, options, AW_NUL, PATIENCE, &racer->passed, &json, NULL);
    if (status != AW_OK || !racer->passed) {
        fprintf(stderr, "racer %d: %s %s\n", racer->number, aw_status_name(status),
                json == NULL ? "" : aw_buffer_data(json));
    }
    aw_buffer_free(json);
    return NULL;
}

/* Eight threads change the same records; nothing is lost or doubled. */
static void contention(const char *name, const aw_store *store) {
    struct racer racers[THREADS];
    memset(racers, 0, sizeof racers);
    acknowledged_count = 0;
    aw_set_event_hook(note_progress, NULL);
    for (int index = 0; index < THREADS; index++) {
        racers[index].store = store;
        racers[index].number = index + 1;
        CHECK(pthread_create(&racers[index].thread, NULL, race, &racers[index]) == 0);
    }
    for (int index = 0; index < THREADS; index++) {
        CHECK(pthread_join(racers[index].thread, NULL) == 0);
        CHECK(racers[index].passed);
    }
    aw_set_event_hook(NULL, NULL);
    int count = acknowledged_count;
    CHECK(count > 0 && count <= (int)(sizeof acknowledged / sizeof *acknowledged));
    size_t room = 256 + (size_t)count * 72;
    char *options = malloc(room), *end = options;
    MUST(options == NULL ? AW_ERR_INTERNAL : AW_OK);
    end += sprintf(end, "{\"run_id\": \"threads\", \"part\": \"settle\", \"racers\": %d, \"acknowledged\": [", THREADS);
    for (int index = 0; index < count; index++) {
        end += sprintf(end, "%s\"%s\"", index > 0 ? "," : "", acknowledged[index]);
    }
    sprintf(end, "]}");
    bool passed = false;
    aw_buffer *json = NULL;
    EXPECT(AW_OK, aw_store_check(store, options, AW_NUL, PATIENCE, &passed, &json, NULL));
    if (!passed) {
        fprintf(stderr, "%s: %s\n", name, json == NULL ? "no report" : aw_buffer_data(json));
        failures++;
    }
    aw_buffer_free(json);
    free(options);
}

static void threads(void) {
    aw_store *store = open_store("memory:");
    contention("memory", store);
    aw_store_free(store);
    MUST(aw_store_new(&shelf_functions, new_shelf(100000), &store, NULL));
    contention("functions", store);
    aw_store_free(store);
    if (has_sqlite()) {
        store = open_store(file("threads.db"));
        contention("sqlite", store);
        aw_store_free(store);
    }
}

/* Runs a child that ends with whether its function found all well. */
static void in_child(bool (*is_well)(const aw_store *), const aw_store *store) {
    int status = -1;
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(30); /* a lock that nobody releases is a failure, not a hang */
        _exit(is_well(store) ? 0 : 1);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static bool child_issues(const aw_store *store) {
    aw_api_keys *keys = keys_in(store);
    bool well = issue(keys) == AW_OK && aw_store_sweep(store, PATIENCE, NULL, NULL) == AW_OK;
    aw_api_keys_free(keys);
    return well;
}

/* It is refused, and so is another store on the file that its parent has open; one on another file is not. */
static bool child_is_refused(const aw_store *store) {
    aw_api_keys *keys = keys_in(store);
    bool well = issue(keys) == AW_ERR_STORE_FORKED;
    well = aw_store_sweep(store, PATIENCE, NULL, NULL) == AW_ERR_STORE_FORKED && well;
    aw_api_keys_free(keys);
    aw_store *again = open_store(used_url), *own = open_store(file("children.db"));
    keys = keys_in(again);
    well = issue(keys) == AW_ERR_STORE_FORKED && well;
    aw_api_keys_free(keys);
    well = child_issues(own) && well;
    aw_store_close(own);
    aw_store_free(own);
    aw_store_free(again);
    aw_store_close(store);
    return well;
}

static size_t count_keys(const aw_api_keys *keys) {
    aw_api_key_page *page = NULL;
    EXPECT(AW_OK, aw_api_keys_list(keys, "o", 1, NULL, 0, 1000, PATIENCE, &page, NULL));
    size_t count = aw_api_key_page_count(page);
    aw_api_key_page_free(page);
    return count;
}

static bool child_has_a_copy(const aw_store *store) {
    aw_api_keys *keys = keys_in(store);
    bool well = count_keys(keys) == 1 && issue(keys) == AW_OK && count_keys(keys) == 2;
    aw_api_keys_free(keys);
    return well;
}

static void forks(void) {
    aw_store *store = open_store("memory:");
    aw_api_keys *keys = keys_in(store);
    EXPECT(AW_OK, issue(keys));
    in_child(child_has_a_copy, store);
    CHECK(count_keys(keys) == 1);
    aw_api_keys_free(keys);
    aw_store_free(store);
    MUST(aw_store_new(&shelf_functions, new_shelf(100), &store, NULL));
    in_child(child_issues, store);
    aw_store_free(store);
    if (!has_sqlite()) {
        return;
    }
    snprintf(used_url, sizeof used_url, "%s", file("forks.db"));
    store = open_store(used_url);
    keys = keys_in(store);
    in_child(child_issues, store); /* not used yet */
    EXPECT(AW_OK, issue(keys));
    in_child(child_is_refused, store);
    in_child(child_is_refused, store);
    CHECK(count_keys(keys) == 2); /* what the first child wrote is there, and the parent goes on */
    EXPECT(AW_OK, issue(keys));
    aw_api_keys_free(keys);
    aw_store_close(store);
    aw_store_free(store);
    /* Closed before the fork, it is anybody's. */
    store = open_store(used_url);
    in_child(child_issues, store);
    aw_store_free(store);
}

/* What is in SQLite is in the other store afterwards, once; what was not there is not removed. */
static void copies(void) {
    if (!has_sqlite()) {
        return;
    }
    aw_store *source = open_store(file("copied.db")), *target = open_store("memory:");
    aw_api_keys *before = keys_in(source), *after = keys_in(target);
    aw_api_key *key = NULL, *known = NULL;
    aw_error *error = NULL;
    size_t written = 7;
    MUST(aw_api_keys_issue(before, "{\"owner\": \"o\"}", AW_NUL, PATIENCE, &key, NULL));
    const char *secret = aw_api_key_secret(key, NULL), *id = aw_api_key_id(key, NULL);
    EXPECT(AW_OK, issue(before));
    EXPECT(AW_OK, issue(after));
    EXPECT(AW_OK, aw_store_copy(source, target, PATIENCE, &written, NULL));
    CHECK(written == 2 && count_keys(before) == 2 && count_keys(after) == 3);
    EXPECT(AW_OK, aw_store_copy(source, target, PATIENCE, &written, NULL));
    CHECK(written == 0);
    EXPECT(AW_OK, aw_api_keys_get(after, id, AW_NUL, PATIENCE, &known, NULL));
    CHECK(strcmp(aw_api_key_owner(known, NULL), "o") == 0 && !aw_api_key_revoked_at(known, NULL));
    aw_api_key_free(known);
    EXPECT(AW_OK, aw_api_keys_revoke(before, id, AW_NUL, PATIENCE, NULL, NULL));
    EXPECT(AW_OK, aw_store_copy(source, target, PATIENCE, &written, NULL));
    CHECK(written == 1);
    EXPECT(AW_ERR_API_KEY_REVOKED, aw_api_keys_verify(after, secret, AW_NUL, NULL, 0, PATIENCE, &known, NULL));
    aw_api_key_free(key);

    /* Not from others, nor to none. */
    written = 7;
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_store_copy(target, source, PATIENCE, &written, &error));
    CHECK(written == 0 && strcmp(aw_error_field(error), "source") == 0);
    aw_error_free(error);
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_store_copy(source, NULL, PATIENCE, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_store_copy(NULL, target, PATIENCE, NULL, NULL));
    EXPECT(AW_ERR_DEADLINE, aw_store_copy(source, target, 0, NULL, NULL));
    aw_store_close(target);
    EXPECT(AW_ERR_CLOSED, aw_store_copy(source, target, PATIENCE, NULL, NULL));
    aw_store_close(source);
    EXPECT(AW_ERR_CLOSED, aw_store_copy(source, target, PATIENCE, NULL, NULL));
    aw_api_keys_free(before);
    aw_api_keys_free(after);
    aw_store_free(source);
    aw_store_free(target);
}

/* A file of another program is refused, and left as it was. */
static void foreign_file(void) {
    if (!has_sqlite()) {
        return;
    }
    char path[4096], text[32] = "";
    snprintf(path, sizeof path, "%s/notes.txt", directory);
    FILE *notes = fopen(path, "w");
    CHECK(notes != NULL && fputs("buy milk, and more than that\n", notes) >= 0 && fclose(notes) == 0);
    aw_store *store = open_store(file("notes.txt"));
    aw_api_keys *keys = keys_in(store);
    aw_status status = issue(keys);
    CHECK(status == AW_ERR_STORE_FOREIGN || status == AW_ERR_STORE_CORRUPT);
    aw_api_keys_free(keys);
    aw_store_free(store);
    notes = fopen(path, "r");
    CHECK(notes != NULL && fgets(text, sizeof text, notes) != NULL && fclose(notes) == 0);
    CHECK(strcmp(text, "buy milk, and more than that\n") == 0);
}

int main(int argc, char **argv) {
    directory = argc > 1 ? argv[1] : directory;
    misuse();
    ends();
    full();
    failures_of_functions();
    forks();
    copies();
    foreign_file();
    conformance();
    threads();
    return report("stores");
}
