/*
 * API keys: issued, checked, rotated, revoked, listed, imported; called wrongly; used from many threads. Run under the
 * sanitizers and valgrind too. With AW_ROUNDS in the environment each thread does so many rounds. The argument is the
 * URL of a store, "memory:" without one.
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"
#include <pthread.h>
#include <stdatomic.h>

#define PATIENCE 20000
#define POISON ((void *)(uintptr_t)0x5a5a5a50)
#define THREADS 8

static const char *settings = "{\"prefix\": \"acme\", \"environment\": \"live\", \"accept_imported\": true}";

static aw_store *store;
static aw_api_keys *keys;
static long rounds = 100;

static aw_key *pepper(const char *text) {
    aw_key *key = NULL;
    MUST(aw_key_from_secret(text, AW_NUL, NULL, NULL, &key, NULL));
    return key;
}

static aw_api_keys *make(const char *options, const char *first, const char *second) {
    aw_key *peppers[] = {pepper(first), pepper(second)};
    aw_api_keys *made = NULL;
    MUST(aw_api_keys_new(options, AW_NUL, (const aw_key *const *)peppers, 2, store, &made, NULL));
    aw_key_free(peppers[0]);
    aw_key_free(peppers[1]);
    return made;
}

static aw_api_key *issue(const char *options) {
    aw_api_key *key = NULL;
    MUST(aw_api_keys_issue(keys, options, AW_NUL, PATIENCE, &key, NULL));
    return key;
}

/* What checking the text ends with. */
static aw_status check(const char *text) {
    aw_api_key *key = NULL;
    aw_status status = aw_api_keys_verify(keys, text, AW_NUL, NULL, 0, PATIENCE, &key, NULL);
    CHECK((status == AW_OK) == (key != NULL));
    aw_api_key_free(key);
    return status;
}

static bool is(const char *text, const char *expected) {
    return text != NULL && strcmp(text, expected) == 0;
}

static void life(void) {
    const char *const read[] = {"invoices:read"}, *const both[] = {"invoices:read", "invoices:write"};
    size_t length = 0;
    int64_t time = -1, created;
    aw_api_key *issued =
        issue("{\"owner\": \"billing\", \"scopes\": [\"invoices:read\", \"b\"], \"metadata\": {\"plan\": 1.50},"
              " \"expires_in\": 3600}");
    const char *secret = aw_api_key_secret(issued, &length), *id = aw_api_key_id(issued, NULL);
    CHECK(secret != NULL && strlen(secret) == length && strncmp(secret, "acme_live_", 10) == 0);
    CHECK(strstr(secret, id) != NULL && is(aw_api_key_owner(issued, NULL), "billing"));
    CHECK(aw_api_key_scope_count(issued) == 2 && is(aw_api_key_scope_at(issued, 1, NULL), "b"));
    CHECK(aw_api_key_scope_at(issued, 2, NULL) == NULL);
    CHECK(is(aw_api_key_metadata_json(issued, NULL), "{\"plan\":1.50}"));
    CHECK(is(aw_api_key_last4(issued, NULL), secret + length - 4));
    created = aw_api_key_created_at(issued);
    CHECK(created > 1600000000 && aw_api_key_expires_at(issued, &time) && time == created + 3600);
    CHECK(!aw_api_key_revoked_at(issued, &time) && time == 0 && !aw_api_key_rotated_at(issued, NULL));
    CHECK(!aw_api_key_last_used_at(issued, NULL));
    CHECK(aw_api_keys_is_well_formed(keys, secret, length) && !aw_api_keys_is_well_formed(keys, secret, length - 1));

    aw_buffer *json = NULL;
    MUST(aw_api_key_to_json(issued, &json, NULL));
    CHECK(strstr(aw_buffer_data(json), secret) != NULL &&
          strstr(aw_buffer_data(json), "\"owner\":\"billing\"") != NULL);
    aw_buffer_free(json);

    aw_api_key *caller = NULL;
    aw_error *error = NULL;
    MUST(aw_api_keys_verify(keys, secret, length, read, 1, PATIENCE, &caller, &error));
    CHECK(is(aw_api_key_owner(caller, NULL), "billing") && is(aw_api_key_id(caller, NULL), id));
    CHECK(aw_api_key_secret(caller, &length) == NULL && length == 0);
    MUST(aw_api_key_to_json(caller, &json, NULL));
    CHECK(strstr(aw_buffer_data(json), "secret") == NULL);
    aw_buffer_free(json);
    aw_api_key_free(caller);
    EXPECT(AW_ERR_API_KEY_SCOPE, aw_api_keys_verify(keys, secret, AW_NUL, both, 2, PATIENCE, &caller, &error));
    CHECK(caller == NULL && is(aw_error_field(error), "invoices:write"));
    aw_error_free(error);
    EXPECT(AW_ERR_API_KEY_EXPIRED,
           aw_api_keys_verify_at(keys, secret, AW_NUL, NULL, 0, created + 3600, PATIENCE, &caller, NULL));
    EXPECT(AW_OK, aw_api_keys_verify_at(keys, secret, AW_NUL, NULL, 0, created + 3599, PATIENCE, &caller, NULL));
    aw_api_key_free(caller);
    MUST(aw_api_keys_get(keys, id, AW_NUL, PATIENCE, &caller, NULL));
    CHECK(aw_api_key_last_used_at(caller, &time) && time >= created && aw_api_key_secret(caller, NULL) == NULL);
    aw_api_key_free(caller);

    /* The secret before it is good for the overlap. */
    aw_api_key *rotated = NULL, *again = NULL;
    MUST(aw_api_keys_rotate(keys, id, AW_NUL, "{\"overlap\": 60}", AW_NUL, PATIENCE, &rotated, NULL));
    CHECK(is(aw_api_key_id(rotated, NULL), id) && !is(aw_api_key_secret(rotated, NULL), secret));
    CHECK(aw_api_key_rotated_at(rotated, NULL));
    EXPECT(AW_OK, check(secret));
    EXPECT(AW_OK, check(aw_api_key_secret(rotated, NULL)));
    MUST(aw_api_keys_rotate(keys, id, AW_NUL, NULL, 0, PATIENCE, &again, NULL));
    EXPECT(AW_ERR_API_KEY_INVALID, check(aw_api_key_secret(rotated, NULL)));
    EXPECT(AW_OK, check(aw_api_key_secret(again, NULL)));

    MUST(aw_api_keys_revoke(keys, id, AW_NUL, PATIENCE, &caller, NULL));
    CHECK(aw_api_key_revoked_at(caller, &time) && time >= created);
    aw_api_key_free(caller);
    MUST(aw_api_keys_revoke(keys, id, AW_NUL, PATIENCE, NULL, NULL)); /* once more, and nobody looks */
    EXPECT(AW_ERR_API_KEY_REVOKED, check(aw_api_key_secret(again, NULL)));
    EXPECT(AW_ERR_API_KEY_REVOKED, aw_api_keys_rotate(keys, id, AW_NUL, NULL, 0, PATIENCE, &caller, NULL));
    aw_api_key_free(again);
    aw_api_key_free(rotated);
    aw_api_key_free(issued);
}

static void lists(void) {
    char after[1024];
    size_t seen = 0, pages = 0, revoked = 0;
    const char *next = NULL;
    for (int count = 0; count < 5; count++) {
        aw_api_key_free(issue("{\"owner\": \"l\\u00e9a <lea@example.com>\"}"));
    }
    static const char owner[] = "l\xc3\xa9"
                                "a <lea@example.com>";
    do {
        aw_api_key_page *page = NULL;
        aw_buffer *json = NULL;
        MUST(aw_api_keys_list(keys, owner, AW_NUL, next, next == NULL ? 0 : AW_NUL, 2, PATIENCE, &page, NULL));
        for (size_t index = 0; index < aw_api_key_page_count(page); index++, seen++) {
            aw_api_key_free((aw_api_key *)(void *)aw_api_key_page_at(page, index)); /* the page's: nothing happens */
            CHECK(is(aw_api_key_owner(aw_api_key_page_at(page, index), NULL), owner));
            CHECK(aw_api_key_secret(aw_api_key_page_at(page, index), NULL) == NULL);
        }
        CHECK(aw_api_key_page_at(page, aw_api_key_page_count(page)) == NULL);
        MUST(aw_api_key_page_to_json(page, &json, NULL));
        CHECK(strncmp(aw_buffer_data(json), "{\"keys\":[", 9) == 0);
        aw_buffer_free(json);
        next = aw_api_key_page_next(page, NULL);
        if (next != NULL) {
            snprintf(after, sizeof after, "%s", next);
            next = after;
        }
        aw_api_key_page_free(page);
    } while (next != NULL && ++pages < 10);
    CHECK(seen == 5);
    MUST(aw_api_keys_revoke_all(keys, owner, AW_NUL, PATIENCE, &revoked, NULL));
    CHECK(revoked == 5);
    MUST(aw_api_keys_revoke_all(keys, owner, AW_NUL, PATIENCE, NULL, NULL));
    MUST(aw_api_keys_revoke_all(keys, owner, AW_NUL, PATIENCE, &revoked, NULL));
    CHECK(revoked == 0);
}

/* The SHA-256 is that of "old-key-of-another-system". */
static void imports(void) {
    static const char *options = "{\"owner\": \"old\", \"scopes\": \"a\", \"sha256\": "
                                 "\"37bd6a254955febf5ef7955d4d8dd1c1094b037a50d3d9a01f2f143aac403337\"}";
    aw_api_key *key = NULL, *none = NULL;
    aw_error *error = NULL;
    MUST(aw_api_keys_import_hash(keys, options, AW_NUL, PATIENCE, &key, NULL));
    CHECK(aw_api_key_last4(key, NULL) == NULL && aw_api_key_secret(key, NULL) == NULL);
    EXPECT(AW_OK, check("old-key-of-another-system"));
    EXPECT(AW_ERR_INVALID_ARGUMENT,
           aw_api_keys_rotate(keys, aw_api_key_id(key, NULL), AW_NUL, NULL, 0, PATIENCE, &none, &error));
    CHECK(none == NULL && is(aw_error_field(error), "id"));
    aw_error_free(error);
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_api_keys_import_hash(keys, options, AW_NUL, PATIENCE, &none, &error));
    CHECK(is(aw_error_field(error), "sha256"));
    aw_error_free(error);
    aw_api_key_free(key);
}

/* Keys under an older pepper are good, and those of nobody's pepper are not. */
static void peppers(void) {
    static const char *const one = "pepper one, of at least 32 bytes", *const two = "pepper two, of at least 32 bytes";
    aw_api_key *key = issue("{\"owner\": \"p\"}"), *found = NULL;
    const char *secret = aw_api_key_secret(key, NULL);
    aw_api_keys *newer = make(settings, "pepper zero, of at least 32 bytes", one),
                *other = make(settings, two, "pepper six, of at least 32 bytes");
    EXPECT(AW_OK, aw_api_keys_verify(newer, secret, AW_NUL, NULL, 0, PATIENCE, &found, NULL));
    aw_api_key_free(found);
    EXPECT(AW_ERR_API_KEY_INVALID, aw_api_keys_verify(other, secret, AW_NUL, NULL, 0, PATIENCE, &found, NULL));
    aw_api_keys_free(newer);
    aw_api_keys_free(other);
    aw_api_key_free(key);
}

/* Whatever a client may send. */
static void hostile(void) {
    static char longest[1 << 20];
    aw_api_key *issued = issue("{\"owner\": \"h\"}"), *key = NULL;
    char spoilt[128];
    const char *secret = aw_api_key_secret(issued, NULL);
    size_t length = strlen(secret);
    EXPECT(AW_OK, check(secret));
    for (size_t place = 0; place < length; place++) {
        memcpy(spoilt, secret, length + 1);
        spoilt[place] = spoilt[place] == 'x' ? 'y' : 'x';
        EXPECT(AW_ERR_API_KEY_INVALID, check(spoilt));
        EXPECT(AW_ERR_API_KEY_INVALID, aw_api_keys_verify(keys, secret, place, NULL, 0, PATIENCE, &key, NULL));
        spoilt[place] = '\xff';
        EXPECT(AW_ERR_API_KEY_INVALID, check(spoilt));
        spoilt[place] = '\0';
        EXPECT(AW_ERR_API_KEY_INVALID, aw_api_keys_verify(keys, spoilt, length, NULL, 0, PATIENCE, &key, NULL));
    }
    EXPECT(AW_ERR_API_KEY_INVALID, aw_api_keys_verify(keys, secret, length + 1, NULL, 0, PATIENCE, &key, NULL));
    EXPECT(AW_ERR_API_KEY_INVALID, aw_api_keys_verify(keys, NULL, 0, NULL, 0, PATIENCE, &key, NULL));
    memset(longest, 'a', sizeof longest);
    EXPECT(AW_ERR_API_KEY_INVALID, aw_api_keys_verify(keys, longest, sizeof longest, NULL, 0, PATIENCE, &key, NULL));
    memset(longest, 0xc3, sizeof longest);
    EXPECT(AW_ERR_API_KEY_INVALID, aw_api_keys_verify(keys, longest, sizeof longest, NULL, 0, PATIENCE, &key, NULL));
    CHECK(!aw_api_keys_is_well_formed(keys, longest, sizeof longest) && !aw_api_keys_is_well_formed(keys, NULL, 0));
    CHECK(!aw_api_keys_is_well_formed(keys, NULL, AW_NUL) && !aw_api_keys_is_well_formed(NULL, secret, length));
    CHECK(strncmp(aw_api_keys_pattern(keys), "acme_live_[", 11) == 0 && aw_api_keys_pattern(NULL) == NULL);
    aw_api_key_free(issued);
}

/* The error names the parameter, and the out parameter that held something else before is NULL. */
#define REFUSED(parameter, out, call)                                                                                  \
    do {                                                                                                               \
        aw_error *error = (aw_error *)POISON;                                                                          \
        (out) = POISON;                                                                                                \
        EXPECT(AW_ERR_INVALID_ARGUMENT, call);                                                                         \
        CHECK((out) == NULL && is(aw_error_field(error), parameter));                                                  \
        aw_error_free(error);                                                                                          \
    } while (0)

static void misuse(void) {
    void *out;
    aw_api_keys **made = (aw_api_keys **)&out;
    aw_api_key **key = (aw_api_key **)&out;
    aw_key *good = pepper("pepper one, of at least 32 bytes"), *weak = NULL;
    const aw_key *list[] = {good}, *hole[] = {good, NULL};
    const aw_key *other[] = {(const aw_key *)(const void *)store};
    const char *const scopes[] = {"a", NULL}, *const bad[] = {"\xff"}, *const two[] = {"a b"};
    REFUSED("options", out, aw_api_keys_new(NULL, 0, list, 1, store, made, &error));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_api_keys_new("{}x", AW_NUL, list, 1, store, made, NULL));
    REFUSED("prefix", out, aw_api_keys_new("{}", AW_NUL, list, 1, store, made, &error));
    REFUSED("peppers", out, aw_api_keys_new(settings, AW_NUL, NULL, 1, store, made, &error));
    REFUSED("peppers", out, aw_api_keys_new(settings, AW_NUL, NULL, 0, store, made, &error));
    REFUSED("peppers", out, aw_api_keys_new(settings, AW_NUL, list, SIZE_MAX, store, made, &error));
    REFUSED("peppers", out, aw_api_keys_new(settings, AW_NUL, list, SIZE_MAX / sizeof *list, store, made, &error));
    REFUSED("peppers", out, aw_api_keys_new(settings, AW_NUL, hole, 2, store, made, &error));
    REFUSED("peppers", out, aw_api_keys_new(settings, AW_NUL, other, 1, store, made, &error));
    REFUSED("store", out, aw_api_keys_new(settings, AW_NUL, list, 1, NULL, made, &error));
    REFUSED("store", out,
            aw_api_keys_new(settings, AW_NUL, list, 1, (const aw_store *)(const void *)good, made, &error));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_api_keys_new(settings, AW_NUL, list, 1, store, NULL, NULL));
    MUST(aw_key_from_secret("short", AW_NUL, NULL, NULL, &weak, NULL));
    list[0] = weak;
    EXPECT(AW_ERR_KEY_TOO_WEAK, aw_api_keys_new(settings, AW_NUL, list, 1, store, made, NULL));
    aw_key_free(weak);

    const aw_api_keys *wrong = (const aw_api_keys *)(const void *)store;
    REFUSED("keys", out, aw_api_keys_issue(NULL, "{\"owner\":\"o\"}", AW_NUL, PATIENCE, key, &error));
    REFUSED("keys", out, aw_api_keys_issue(wrong, "{\"owner\":\"o\"}", AW_NUL, PATIENCE, key, &error));
    REFUSED("options", out, aw_api_keys_issue(keys, NULL, 0, PATIENCE, key, &error));
    REFUSED("owner", out, aw_api_keys_issue(keys, "{}", AW_NUL, PATIENCE, key, &error));
    REFUSED("options", out, aw_api_keys_issue(keys, "{}", SIZE_MAX - 1, PATIENCE, key, &error));
    REFUSED("keys", out, aw_api_keys_import_hash(wrong, "{}", AW_NUL, PATIENCE, key, &error));
    REFUSED("sha256", out, aw_api_keys_import_hash(keys, "{\"owner\":\"o\"}", AW_NUL, PATIENCE, key, &error));
    REFUSED("keys", out, aw_api_keys_verify(NULL, "x", 1, NULL, 0, PATIENCE, key, &error));
    REFUSED("presented", out, aw_api_keys_verify(keys, NULL, 1, NULL, 0, PATIENCE, key, &error));
    REFUSED("presented", out, aw_api_keys_verify(keys, NULL, AW_NUL, NULL, 0, PATIENCE, key, &error));
    REFUSED("presented", out, aw_api_keys_verify(keys, "x", SIZE_MAX - 1, NULL, 0, PATIENCE, key, &error));
    REFUSED("scopes", out, aw_api_keys_verify(keys, "x", 1, NULL, 1, PATIENCE, key, &error));
    REFUSED("scopes", out, aw_api_keys_verify(keys, "x", 1, scopes, 2, PATIENCE, key, &error));
    REFUSED("scopes", out, aw_api_keys_verify(keys, "x", 1, scopes, SIZE_MAX, PATIENCE, key, &error));
    REFUSED("scopes", out, aw_api_keys_verify(keys, "x", 1, bad, 1, PATIENCE, key, &error));
    REFUSED("scopes", out, aw_api_keys_verify(keys, "x", 1, two, 1, PATIENCE, key, &error));
    REFUSED("now", out, aw_api_keys_verify_at(keys, "x", 1, NULL, 0, -1, PATIENCE, key, &error));
    REFUSED("now", out, aw_api_keys_verify_at(keys, "x", 1, NULL, 0, INT64_MAX, PATIENCE, key, &error));
    REFUSED("id", out, aw_api_keys_get(keys, NULL, 0, PATIENCE, key, &error));
    REFUSED("keys", out, aw_api_keys_get(wrong, "x", 1, PATIENCE, key, &error));
    REFUSED("id", out, aw_api_keys_rotate(keys, NULL, AW_NUL, NULL, 0, PATIENCE, key, &error));
    REFUSED("overlap", out, aw_api_keys_rotate(keys, "x", 1, "{\"overlap\":-1}", AW_NUL, PATIENCE, key, &error));
    REFUSED("id", out, aw_api_keys_revoke(keys, NULL, 0, PATIENCE, key, &error));
    EXPECT(AW_ERR_API_KEY_NOT_FOUND, aw_api_keys_revoke(keys, "nobody", AW_NUL, PATIENCE, NULL, NULL));
    EXPECT(AW_ERR_API_KEY_NOT_FOUND, aw_api_keys_get(keys, "a/b", AW_NUL, PATIENCE, key, NULL));
    EXPECT(AW_ERR_API_KEY_NOT_FOUND, aw_api_keys_get(keys, "a\0b", 3, PATIENCE, key, NULL));

    aw_api_key_page **page = (aw_api_key_page **)&out;
    REFUSED("owner", out, aw_api_keys_list(keys, NULL, 0, NULL, 0, 1, PATIENCE, page, &error));
    REFUSED("owner", out, aw_api_keys_list(keys, "a\0b", 3, NULL, 0, 1, PATIENCE, page, &error));
    REFUSED("after", out, aw_api_keys_list(keys, "a", 1, NULL, 2, 1, PATIENCE, page, &error));
    REFUSED("limit", out, aw_api_keys_list(keys, "a", 1, NULL, 0, 0, PATIENCE, page, &error));
    REFUSED("limit", out, aw_api_keys_list(keys, "a", 1, NULL, 0, 1001, PATIENCE, page, &error));
    REFUSED("limit", out, aw_api_keys_list(keys, "a", 1, NULL, 0, SIZE_MAX, PATIENCE, page, &error));
    REFUSED("keys", out, aw_api_keys_list(wrong, "a", 1, NULL, 0, 1, PATIENCE, page, &error));
    size_t count = 9;
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_api_keys_revoke_all(keys, NULL, 0, PATIENCE, &count, NULL));
    CHECK(count == 0);
    EXPECT(AW_ERR_DEADLINE, aw_api_keys_get(keys, "x", 1, 0, key, NULL));
    EXPECT(AW_ERR_API_KEY_NOT_FOUND, aw_api_keys_get(keys, "x", 1, UINT64_MAX, key, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_api_keys_get(keys, "x", 1, PATIENCE, NULL, NULL));

    /* Getters of nothing, and of something else. */
    size_t length = 77;
    int64_t time = 77;
    const aw_api_key *none = NULL, *strange = (const aw_api_key *)(const void *)keys;
    CHECK(aw_api_key_secret(none, &length) == NULL && length == 0 && aw_api_key_id(none, NULL) == NULL);
    CHECK(aw_api_key_owner(strange, NULL) == NULL && aw_api_key_scope_count(strange) == 0);
    CHECK(aw_api_key_scope_at(none, 0, NULL) == NULL && aw_api_key_metadata_json(none, NULL) == NULL);
    CHECK(aw_api_key_last4(strange, NULL) == NULL && aw_api_key_created_at(none) == 0);
    CHECK(!aw_api_key_expires_at(none, &time) && time == 0 && !aw_api_key_revoked_at(strange, &time));
    CHECK(!aw_api_key_rotated_at(none, NULL) && !aw_api_key_last_used_at(none, NULL));
    CHECK(aw_api_key_page_count(NULL) == 0 && aw_api_key_page_at(NULL, 0) == NULL);
    CHECK(aw_api_key_page_next(NULL, NULL) == NULL);
    aw_buffer *json = NULL;
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_api_key_to_json(none, &json, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_api_key_page_to_json(NULL, &json, NULL));
    aw_api_key_free(NULL);
    aw_api_key_free((aw_api_key *)(void *)good);
    aw_api_key_page_free(NULL);
    aw_api_keys_free(NULL);
    aw_api_keys_free((aw_api_keys *)(void *)good);
    aw_key_free(good);
}

static atomic_int noted, wrong_events;

/* Nothing that is told holds a secret. */
static void look(const char *json, size_t length, void *user) {
    wrong_events += user != &noted || strlen(json) != length || strstr(json, "acme_live_") != NULL;
    noted += strstr(json, "api_key_pepper_unknown") != NULL;
}

static void events(void) {
    aw_api_key *key = issue("{\"owner\": \"e\"}"), *found = NULL;
    aw_api_keys *other = make(settings, "pepper two, of at least 32 bytes", "pepper six, of at least 32 bytes");
    aw_set_event_hook(look, &noted);
    EXPECT(AW_ERR_API_KEY_INVALID,
           aw_api_keys_verify(other, aw_api_key_secret(key, NULL), AW_NUL, NULL, 0, PATIENCE, &found, NULL));
    aw_set_event_hook(NULL, NULL);
    CHECK(noted == 1 && wrong_events == 0);
    aw_api_keys_free(other);
    aw_api_key_free(key);
}

struct worker {
    pthread_t thread;
    int index;
    long wrong;
};

static aw_api_key *shared;

static void *work(void *argument) {
    struct worker *worker = argument;
    char options[64];
    snprintf(options, sizeof options, "{\"owner\": \"thread-%d\"}", worker->index);
    for (long round = 0; round < rounds; round++) {
        aw_api_key *mine = NULL, *found = NULL, *rotated = NULL;
        worker->wrong += aw_api_keys_issue(keys, options, AW_NUL, PATIENCE, &mine, NULL) != AW_OK;
        const char *secret = aw_api_key_secret(mine, NULL), *id = aw_api_key_id(mine, NULL);
        worker->wrong += aw_api_keys_verify(keys, secret, AW_NUL, NULL, 0, PATIENCE, &found, NULL) != AW_OK;
        aw_api_key_free(found);
        found = NULL;
        /* One key for all: uses are noted at once by many. */
        worker->wrong +=
            aw_api_keys_verify(keys, aw_api_key_secret(shared, NULL), AW_NUL, NULL, 0, PATIENCE, &found, NULL) != AW_OK;
        worker->wrong += found == NULL || !is(aw_api_key_id(found, NULL), aw_api_key_id(shared, NULL));
        aw_api_key_free(found);
        worker->wrong += aw_api_keys_rotate(keys, id, AW_NUL, NULL, 0, PATIENCE, &rotated, NULL) != AW_OK;
        worker->wrong += aw_api_keys_verify(keys, secret, AW_NUL, NULL, 0, PATIENCE, &found, NULL) == AW_OK;
        worker->wrong += aw_api_keys_revoke(keys, id, AW_NUL, PATIENCE, NULL, NULL) != AW_OK;
        aw_api_key_free(rotated);
        aw_api_key_free(mine);
    }
    return NULL;
}

static void threads(void) {
    struct worker workers[THREADS];
    memset(workers, 0, sizeof workers);
    shared = issue("{\"owner\": \"all\"}");
    for (int index = 0; index < THREADS; index++) {
        workers[index].index = index;
        CHECK(pthread_create(&workers[index].thread, NULL, work, &workers[index]) == 0);
    }
    for (int index = 0; index < THREADS; index++) {
        CHECK(pthread_join(workers[index].thread, NULL) == 0);
        CHECK(workers[index].wrong == 0);
    }
    aw_api_key_free(shared);
}

int main(int argc, char **argv) {
    const char *given = getenv("AW_ROUNDS");
    rounds = given == NULL ? rounds : atol(given);
    MUST(aw_store_open(argc > 1 ? argv[1] : "memory:", AW_NUL, NULL, 0, &store, NULL));
    keys = make(settings, "pepper one, of at least 32 bytes", "pepper six, of at least 32 bytes");
    misuse();
    life();
    lists();
    imports();
    peppers();
    hostile();
    events();
    threads();
    aw_store_close(store);
    EXPECT(AW_ERR_CLOSED, check("acme_live_"
                                "0000000000000000_"
                                "00000000000000000000000000000000000000000000000000"));
    aw_store_free(store); /* the keys keep what they need */
    aw_api_keys_free(keys);
    return report("api_keys");
}
