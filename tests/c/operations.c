/*
 * Operations by hand, on virtual time and without any network: the order of things, wrong ids, failures, cancellation,
 * and whatever C can pass that makes no sense.
 */
#include "check.h"
#include <stdint.h>

#define ISSUER "https://id.example"
#define SECOND UINT64_C(1000)

/* Some time in 2023, in seconds and in milliseconds. */
static const int64_t began = 1700000000;
static const uint64_t start = 1700000000 * SECOND;
static const char *metadata = "{\"issuer\": \"" ISSUER "\", \"jwks_uri\": \"" ISSUER "/jwks\"}";

struct fixture {
    aw_key *key;
    aw_buffer *jwks;
    aw_buffer *text;
    aw_remote_keyset *set;
    aw_verifier *verifier;
};

/* Without the built-in client, the calls that would fetch with it say so. */
static aw_status unless_unsupported(aw_status expected) {
    aw_http_client *client = NULL;
    aw_status status = aw_http_client_new("{}", 2, &client, NULL);
    aw_http_client_free(client);
    return status == AW_ERR_TRANSPORT_UNSUPPORTED ? status : expected;
}

static struct fixture make(void) {
    struct fixture f = {0};
    aw_signer *signer = NULL;
    aw_keyset *keys = NULL;
    MUST(aw_key_generate("ES256", "k1", 0, &f.key, NULL));
    const aw_key *members[] = {f.key};
    MUST(aw_keyset_new(members, 1, &keys, NULL));
    MUST(aw_keyset_to_json(keys, &f.jwks, NULL));
    MUST(aw_signer_new(f.key, "{\"issuer\": \"" ISSUER "\", \"audience\": \"api\", \"lifetime\": 86400}", AW_NUL,
                       &signer, NULL));
    MUST(aw_signer_sign_at(signer, "{\"sub\": \"alice\"}", AW_NUL, began, &f.text, NULL));
    MUST(aw_remote_keyset_new("{\"issuer\": \"" ISSUER "\"}", AW_NUL, NULL, &f.set, NULL));
    MUST(aw_verifier_new_remote(f.set, "{\"audience\": \"api\"}", AW_NUL, &f.verifier, NULL));
    aw_keyset_free(keys);
    aw_signer_free(signer);
    return f;
}

static void release(struct fixture *f) {
    aw_verifier_free(f->verifier);
    aw_remote_keyset_free(f->set);
    aw_buffer_free(f->text);
    aw_buffer_free(f->jwks);
    aw_key_free(f->key);
}

static aw_operation *begin(const struct fixture *f, uint64_t now) {
    aw_operation *operation = NULL;
    MUST(aw_verifier_begin(f->verifier, aw_buffer_data(f->text), AW_NUL, now, 10 * SECOND, &operation, NULL));
    return operation;
}

/* Steps, and expects a request; returns its id. */
static uint64_t sends(aw_operation *operation, uint64_t now, const char *url) {
    uint64_t id = 77, until = 77;
    CHECK(aw_operation_step(operation, now, &id, &until) == AW_STEP_SEND);
    CHECK(id != 0 && until == 0);
    const char *asked = aw_operation_request_url(operation);
    CHECK(asked != NULL && strcmp(asked, url) == 0);
    return id;
}

static aw_status answers(aw_operation *operation, uint64_t id, uint64_t now, const char *json) {
    const aw_header headers[] = {{"content-type", "application/json"}, {"Cache-Control", "max-age=60"}};
    return aw_operation_resume(operation, id, now, 200, headers, 2, json, strlen(json), NULL);
}

/* Metadata and keys, from the first step to the last but one. */
static void fetches(const struct fixture *f, aw_operation *operation, uint64_t now) {
    uint64_t first = sends(operation, now, ISSUER "/.well-known/openid-configuration");
    MUST(answers(operation, first, now, metadata));
    uint64_t second = sends(operation, now, ISSUER "/jwks");
    CHECK(second != first);
    MUST(answers(operation, second, now, aw_buffer_data(f->jwks)));
}

static void in_order(void) {
    struct fixture f = make();
    aw_token *token = NULL;
    aw_error *error = NULL;
    EXPECT(AW_ERR_KEYS_NEEDED,
           aw_verifier_verify_at(f.verifier, aw_buffer_data(f.text), AW_NUL, began, &token, &error));
    CHECK(token == NULL && aw_error_cause(error) == NULL && aw_error_http_status(error) == 0);
    aw_error_free(error);

    aw_operation *operation = begin(&f, start);
    /* Nothing to read before the first step. */
    CHECK(aw_operation_request_url(operation) == NULL && aw_operation_request_max_body_bytes(operation) == 0);
    uint64_t id = sends(operation, start, ISSUER "/.well-known/openid-configuration");
    CHECK(strcmp(aw_operation_request_method(operation), "GET") == 0);
    CHECK(aw_operation_request_reach(operation) == AW_REACH_ANYWHERE);
    CHECK(aw_operation_request_max_body_bytes(operation) >= 65536);
    CHECK(aw_operation_request_deadline(operation) > start);
    CHECK(aw_operation_request_deadline(operation) <= start + 10 * SECOND);
    size_t length = 77, count = aw_operation_request_header_count(operation);
    CHECK(aw_operation_request_body(operation, &length) == NULL && length == 0);
    CHECK(count >= 1 && strcmp(aw_operation_request_header_name(operation, 0), "Accept") == 0);
    CHECK(strstr(aw_operation_request_header_value(operation, 0), "application/json") != NULL);
    CHECK(aw_operation_request_header_name(operation, count) == NULL);
    CHECK(aw_operation_request_header_value(operation, SIZE_MAX) == NULL);

    /* The same request again, with the same id and at the same place: not a second one. */
    const char *url = aw_operation_request_url(operation);
    CHECK(sends(operation, start + 1, ISSUER "/.well-known/openid-configuration") == id);
    CHECK(aw_operation_request_url(operation) == url);
    CHECK(aw_operation_step(operation, start + 2, NULL, NULL) == AW_STEP_SEND);

    /* Not over: there is no result, and nothing is lost by asking. */
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_token(operation, &token, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_result(operation, NULL));

    /* Wrong ids change nothing. */
    EXPECT(AW_ERR_INVALID_ARGUMENT, answers(operation, id + 1, start, metadata));
    EXPECT(AW_ERR_INVALID_ARGUMENT, answers(operation, 0, start, metadata));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_fail(operation, UINT64_MAX, start, AW_FAILURE_TLS, 0, NULL, NULL));
    CHECK(sends(operation, start + 3, ISSUER "/.well-known/openid-configuration") == id);
    MUST(answers(operation, id, start + 4, metadata));
    CHECK(aw_operation_request_url(operation) == NULL && aw_operation_request_header_count(operation) == 0);
    EXPECT(AW_ERR_INVALID_ARGUMENT, answers(operation, id, start + 4, metadata));

    uint64_t second = sends(operation, start + 5, ISSUER "/jwks");
    EXPECT(AW_ERR_INVALID_ARGUMENT, answers(operation, id, start + 5, aw_buffer_data(f.jwks)));
    MUST(answers(operation, second, start + 6, aw_buffer_data(f.jwks)));
    CHECK(aw_operation_step(operation, start + 7, &id, NULL) == AW_STEP_DONE && id == 0);
    /* The end stays the end, whatever the time. */
    CHECK(aw_operation_step(operation, start + 1000 * SECOND, NULL, NULL) == AW_STEP_DONE);
    EXPECT(AW_ERR_INVALID_ARGUMENT, answers(operation, second, start + 8, aw_buffer_data(f.jwks)));
    EXPECT(AW_OK, aw_operation_result(operation, NULL));
    MUST(aw_operation_token(operation, &token, NULL));
    const char *subject = NULL;
    EXPECT(AW_OK, aw_token_get_string(token, "sub", &subject, NULL, NULL));
    CHECK(subject != NULL && strcmp(subject, "alice") == 0);
    aw_token_free(token);
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_token(operation, &token, NULL));
    CHECK(token == NULL);
    EXPECT(AW_OK, aw_operation_result(operation, NULL));
    aw_operation_free(operation);

    /* From here on the keys are at hand: without I/O, and in one step. */
    EXPECT(AW_OK, aw_verifier_verify_at(f.verifier, aw_buffer_data(f.text), AW_NUL, began + 1, &token, NULL));
    aw_token_free(token);
    operation = begin(&f, start + SECOND);
    CHECK(aw_operation_step(operation, start + SECOND, NULL, NULL) == AW_STEP_DONE);
    aw_operation_free(operation);
    release(&f);
}

/* Each kind of failure, and what becomes of it. */
static void failing(void) {
    const struct {
        uint32_t kind;
        aw_status cause;
    } kinds[] = {
        {AW_FAILURE_TRANSPORT, AW_ERR_TRANSPORT},     {AW_FAILURE_TLS, AW_ERR_TRANSPORT_TLS},
        {AW_FAILURE_DEADLINE, AW_ERR_DEADLINE},       {AW_FAILURE_TOO_LARGE, AW_ERR_RESPONSE_TOO_LARGE},
        {AW_FAILURE_ADDRESS, AW_ERR_ADDRESS_REFUSED}, {AW_FAILURE_UNSUPPORTED, AW_ERR_TRANSPORT_UNSUPPORTED},
    };
    for (size_t index = 0; index < sizeof kinds / sizeof *kinds; index++) {
        for (int with_reason = 0; with_reason < 2; with_reason++) {
            struct fixture f = make();
            aw_operation *operation = begin(&f, start);
            aw_error *error = NULL;
            aw_token *token = NULL;
            uint64_t id = sends(operation, start, ISSUER "/.well-known/openid-configuration");
            MUST(aw_operation_fail(operation, id, start, kinds[index].kind, with_reason ? AW_SENT_NOT : AW_SENT_MAYBE,
                                   with_reason ? "the dog ate it" : NULL, NULL));
            CHECK(aw_operation_step(operation, start, NULL, NULL) == AW_STEP_FAILED);
            EXPECT(AW_ERR_KEYS_NEEDED, aw_operation_token(operation, &token, &error));
            CHECK(token == NULL && aw_error_code(aw_error_cause(error)) == kinds[index].cause);
            CHECK(strlen(aw_error_message(aw_error_cause(error))) > 0);
            aw_error_free(error);
            EXPECT(AW_ERR_KEYS_NEEDED, aw_operation_result(operation, &error));
            aw_error_free(error);
            CHECK(aw_operation_step(operation, start, NULL, NULL) == AW_STEP_FAILED);
            aw_operation_free(operation);
            release(&f);
        }
    }

    /* A server's own words. */
    struct fixture f = make();
    aw_operation *operation = begin(&f, start);
    aw_error *error = NULL;
    const char *json = "{\"error\": \"server_error\", \"error_description\": \"the database is away\"}";
    const aw_header headers[] = {{"Content-Type", "application/json"}, {"X-Latin-1", "\xe9"}};
    uint64_t id = sends(operation, start, ISSUER "/.well-known/openid-configuration");
    MUST(aw_operation_resume(operation, id, start, 503, headers, 2, json, strlen(json), NULL));
    CHECK(aw_operation_step(operation, start, NULL, NULL) == AW_STEP_FAILED);
    EXPECT(AW_ERR_KEYS_NEEDED, aw_operation_result(operation, &error));
    const aw_error *cause = aw_error_cause(error);
    CHECK(aw_error_code(cause) == AW_ERR_RESPONSE_STATUS && aw_error_http_status(cause) == 503);
    CHECK(strcmp(aw_error_provider_error(cause), "server_error") == 0);
    CHECK(strcmp(aw_error_provider_error_description(cause), "the database is away") == 0);
    CHECK(aw_error_cause(cause) == NULL && aw_error_provider_error(error) == NULL);
    aw_error_free(error);
    aw_operation_free(operation);
    release(&f);

    /* Out of time, and a body beyond the limit. */
    f = make();
    operation = begin(&f, start);
    sends(operation, start, ISSUER "/.well-known/openid-configuration");
    CHECK(aw_operation_step(operation, start + 10 * SECOND, NULL, NULL) == AW_STEP_FAILED);
    CHECK(aw_operation_request_url(operation) == NULL);
    EXPECT(AW_ERR_DEADLINE, aw_operation_result(operation, NULL));
    aw_operation_free(operation);
    operation = begin(&f, start + 60 * SECOND);
    id = sends(operation, start + 60 * SECOND, ISSUER "/.well-known/openid-configuration");
    size_t length = aw_operation_request_max_body_bytes(operation) + 1;
    char *large = calloc(1, length);
    MUST(aw_operation_resume(operation, id, start + 60 * SECOND, 200, NULL, 0, large, length, NULL));
    free(large);
    CHECK(aw_operation_step(operation, start + 60 * SECOND, NULL, NULL) == AW_STEP_FAILED);
    EXPECT(AW_ERR_KEYS_NEEDED, aw_operation_result(operation, &error));
    CHECK(aw_error_code(aw_error_cause(error)) == AW_ERR_RESPONSE_TOO_LARGE);
    aw_error_free(error);
    aw_operation_free(operation);
    release(&f);
}

static void count_up(void *user) {
    (*(int *)user)++;
}

/* One leads, others wait; the leader is cancelled in the middle, one of them takes over, the rest are told. */
static void cancelled(void) {
    struct fixture f = make();
    aw_operation *leader = begin(&f, start), *first = begin(&f, start), *second = begin(&f, start);
    int called[3] = {0};
    uint64_t until = 0, id = 77;
    uint64_t request = sends(leader, start, ISSUER "/.well-known/openid-configuration");
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_notify(leader, count_up, &called[0], NULL));
    aw_operation_wait(leader, 60 * SECOND); /* does not wait for itself */
    CHECK(aw_operation_step(first, start, &id, &until) == AW_STEP_WAIT);
    CHECK(id == 0 && until > start && until <= start + 10 * SECOND);
    CHECK(aw_operation_step(second, start, NULL, NULL) == AW_STEP_WAIT);
    CHECK(aw_operation_request_url(first) == NULL);
    EXPECT(AW_ERR_INVALID_ARGUMENT, answers(first, 1, start, metadata));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_notify(first, NULL, NULL, NULL));
    MUST(aw_operation_notify(first, count_up, &called[0], NULL));
    MUST(aw_operation_notify(first, count_up, &called[1], NULL)); /* instead of the one before */
    MUST(aw_operation_notify(second, count_up, &called[2], NULL));
    MUST(answers(leader, request, start, metadata));
    sends(leader, start, ISSUER "/jwks");
    CHECK(called[1] == 0 && called[2] == 0);

    aw_operation_free(leader);
    CHECK(called[0] == 0 && called[1] == 1 && called[2] == 1);
    uint64_t again = sends(first, start + 1, ISSUER "/jwks"); /* the metadata has come already */
    CHECK(aw_operation_step(second, start + 1, NULL, &until) == AW_STEP_WAIT);
    aw_operation *third = begin(&f, start + 1);
    CHECK(aw_operation_step(third, start + 1, NULL, NULL) == AW_STEP_WAIT);
    MUST(aw_operation_notify(second, count_up, &called[2], NULL));
    MUST(aw_operation_notify(third, count_up, &called[0], NULL));
    aw_operation_free(third); /* is never called */
    MUST(answers(first, again, start + 1, aw_buffer_data(f.jwks)));
    CHECK(called[0] == 0 && called[1] == 1 && called[2] == 2);
    aw_operation_wait(second, 60 * SECOND); /* it has come: at once */
    CHECK(aw_operation_step(second, start + 2, NULL, NULL) == AW_STEP_DONE);
    CHECK(aw_operation_step(first, start + 2, NULL, NULL) == AW_STEP_DONE);
    aw_operation_free(first);
    aw_operation_free(second);

    /* Threads read the clock one after the other, and come in another order: a moment too early is not another time. */
    leader = NULL;
    MUST(aw_remote_keyset_begin_refresh(f.set, start + 40 * SECOND, &leader, NULL));
    MUST(aw_remote_keyset_begin_refresh(f.set, start + 40 * SECOND - 5, &first, NULL));
    sends(leader, start + 40 * SECOND, ISSUER "/jwks");
    CHECK(aw_operation_step(first, start + 40 * SECOND - 5, NULL, NULL) == AW_STEP_WAIT);
    aw_operation_free(first);
    aw_operation_free(leader);

    /* Steps forget who was to be called. */
    aw_operation *refresh = NULL, *joining = NULL;
    MUST(aw_remote_keyset_begin_refresh(f.set, start + 60 * SECOND, &refresh, NULL));
    MUST(aw_remote_keyset_begin_refresh(f.set, start + 60 * SECOND, &joining, NULL));
    sends(refresh, start + 60 * SECOND, ISSUER "/jwks");
    CHECK(aw_operation_step(joining, start + 60 * SECOND, NULL, NULL) == AW_STEP_WAIT);
    MUST(aw_operation_notify(joining, count_up, &called[0], NULL));
    CHECK(aw_operation_step(joining, start + 60 * SECOND, NULL, NULL) == AW_STEP_WAIT);
    aw_operation_wait(joining, 1);
    aw_operation_free(refresh);
    CHECK(called[0] == 0);
    MUST(aw_operation_notify(joining, count_up, &called[0], NULL)); /* it has come already */
    CHECK(called[0] == 1);
    aw_operation_free(joining);

    /* Objects may go before the operation does. */
    MUST(aw_remote_keyset_begin_refresh(f.set, start + 120 * SECOND, &refresh, NULL));
    release(&f);
    sends(refresh, start + 120 * SECOND, ISSUER "/jwks");
    aw_operation_free(refresh);
}

/* Keys that are due, their state in another process, and a set that was closed. */
static void sets(void) {
    struct fixture f = make();
    aw_operation *operation = NULL;
    aw_token *token = NULL;
    aw_keyset *keys = NULL;
    aw_buffer *state = NULL;
    aw_key *secret = NULL, *other = NULL;
    MUST(aw_key_from_secret("a secret of this test with 32 bytes", 35, NULL, NULL, &secret, NULL));
    MUST(aw_key_from_secret("another secret of this test, longer", 35, NULL, NULL, &other, NULL));
    CHECK(strcmp(aw_remote_keyset_issuer(f.set), ISSUER) == 0);
    EXPECT(AW_ERR_KEYS_NEEDED, aw_remote_keyset_export_state(f.set, secret, &state, NULL));
    EXPECT(AW_ERR_KEYS_NEEDED, aw_remote_keyset_key_set(f.set, &keys, NULL));
    MUST(aw_remote_keyset_begin_refresh_ahead(f.set, start, &operation, NULL));
    CHECK(operation == NULL);

    /* Just now by the system's clock, which the functions that have no time of their own go by. */
    uint64_t now = aw_now_ms();
    CHECK(now > start);
    MUST(aw_remote_keyset_begin_refresh(f.set, now, &operation, NULL));
    fetches(&f, operation, now);
    CHECK(aw_operation_step(operation, now, NULL, NULL) == AW_STEP_DONE);
    EXPECT(AW_OK, aw_operation_result(operation, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_token(operation, &token, NULL));
    aw_operation_free(operation);
    MUST(aw_remote_keyset_key_set(f.set, &keys, NULL));
    CHECK(aw_keyset_len(keys) == 1);
    aw_keyset_free(keys);
    /* Within the cooldown; and the token expired long ago. */
    EXPECT(unless_unsupported(AW_ERR_KEYS_NEEDED), aw_remote_keyset_refresh(f.set, 1000, NULL));
    EXPECT(unless_unsupported(AW_ERR_TOKEN_EXPIRED),
           aw_verifier_verify_fetching(f.verifier, aw_buffer_data(f.text), AW_NUL, 1000, &token, NULL));

    /* After 59 of their 60 seconds they are due; one is told so, and from its first step on nobody else. */
    aw_operation *next = NULL;
    MUST(aw_remote_keyset_begin_refresh_ahead(f.set, now + 59 * SECOND, &operation, NULL));
    CHECK(operation != NULL);
    sends(operation, now + 59 * SECOND, ISSUER "/jwks");
    MUST(aw_remote_keyset_begin_refresh_ahead(f.set, now + 59 * SECOND, &next, NULL));
    CHECK(next == NULL);
    aw_operation_free(operation);

    MUST(aw_remote_keyset_export_state(f.set, secret, &state, NULL));
    struct fixture warm = make();
    const aw_key *rotated[] = {other, secret}, *wrong[] = {other};
    const char *text = aw_buffer_data(state);
    EXPECT(AW_ERR_STATE_INVALID, aw_remote_keyset_import_state(warm.set, text, AW_NUL, wrong, 1, NULL));
    EXPECT(AW_ERR_STATE_INVALID, aw_remote_keyset_import_state(warm.set, text, AW_NUL, NULL, 0, NULL));
    EXPECT(AW_ERR_STATE_INVALID, aw_remote_keyset_import_state(warm.set, "rubbish", AW_NUL, rotated, 2, NULL));
    EXPECT(AW_ERR_KEYS_NEEDED, aw_remote_keyset_key_set(warm.set, &keys, NULL));
    MUST(aw_remote_keyset_import_state(warm.set, text, aw_buffer_length(state), rotated, 2, NULL));
    MUST(aw_remote_keyset_key_set(warm.set, &keys, NULL));
    aw_keyset_free(keys);
    aw_buffer_free(state);

    /* A verifier's set is the same set. */
    aw_remote_keyset *same = NULL;
    MUST(aw_verifier_remote_keys(warm.verifier, &same, NULL));
    aw_verifier_free(warm.verifier);
    warm.verifier = NULL;
    MUST(aw_remote_keyset_key_set(same, &keys, NULL));
    aw_keyset_free(keys);
    aw_remote_keyset_close(same);
    aw_remote_keyset_close(same);
    MUST(aw_remote_keyset_begin_refresh(warm.set, now + 90 * SECOND, &operation, NULL));
    CHECK(aw_operation_step(operation, now + 90 * SECOND, NULL, NULL) == AW_STEP_FAILED);
    EXPECT(AW_ERR_CLOSED, aw_operation_result(operation, NULL));
    aw_operation_free(operation);
    aw_remote_keyset_free(same);

    /* Keys without a name for their issuer, and fixed ones. */
    MUST(aw_remote_keyset_new("{\"jwks_uri\": \"" ISSUER "/jwks\"}", AW_NUL, NULL, &same, NULL));
    CHECK(aw_remote_keyset_issuer(same) == NULL);
    aw_remote_keyset_free(same);
    aw_verifier *fixed = NULL;
    MUST(aw_verifier_new_with_key(f.key, "{\"audience\": \"api\"}", AW_NUL, &fixed, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_verifier_remote_keys(fixed, &same, NULL));
    CHECK(same == NULL);
    MUST(aw_verifier_begin(fixed, aw_buffer_data(f.text), AW_NUL, start, SECOND, &operation, NULL));
    CHECK(aw_operation_step(operation, start, NULL, NULL) == AW_STEP_DONE);
    MUST(aw_operation_token(operation, &token, NULL));
    aw_token_free(token);
    aw_operation_free(operation);
    EXPECT(AW_ERR_TOKEN_EXPIRED,
           aw_verifier_verify_fetching(fixed, aw_buffer_data(f.text), AW_NUL, 1000, &token, NULL));
    aw_verifier_free(fixed);
    aw_key_free(secret);
    aw_key_free(other);
    release(&warm);
    release(&f);
}

static char heard[4][512];
static size_t heard_count = 0;

static void hear(const char *json, size_t length, void *user) {
    CHECK(user == heard && strlen(json) == length);
    if (heard_count < 4 && length < sizeof heard[0]) {
        memcpy(heard[heard_count++], json, length + 1);
    }
}

static void events(void) {
    struct fixture f = make();
    aw_set_event_hook(hear, heard);
    aw_operation *operation = begin(&f, start);
    fetches(&f, operation, start);
    CHECK(aw_operation_step(operation, start, NULL, NULL) == AW_STEP_DONE);
    aw_operation_free(operation);
    CHECK(heard_count == 1 && strstr(heard[0], "\"event\":\"keys_refreshed\"") != NULL);
    CHECK(strstr(heard[0], "\"issuer\":\"" ISSUER "\"") != NULL);
    MUST(aw_remote_keyset_begin_refresh(f.set, start + 60 * SECOND, &operation, NULL));
    uint64_t id = sends(operation, start + 60 * SECOND, ISSUER "/jwks");
    MUST(aw_operation_fail(operation, id, start + 60 * SECOND, AW_FAILURE_TRANSPORT, AW_SENT_MAYBE, "no luck", NULL));
    CHECK(heard_count == 2 && strstr(heard[1], "\"event\":\"keys_refresh_failed\"") != NULL);
    aw_set_event_hook(NULL, NULL);
    CHECK(aw_operation_step(operation, start + 60 * SECOND, NULL, NULL) == AW_STEP_FAILED);
    aw_operation_free(operation);
    MUST(aw_remote_keyset_begin_refresh(f.set, start + 120 * SECOND, &operation, NULL));
    fetches(&f, operation, start + 120 * SECOND);
    CHECK(heard_count == 2);
    aw_operation_free(operation);
    release(&f);
}

/* The argument is refused by name, and the result is cleared. */
#define REFUSED(name, out, call)                                                                                       \
    do {                                                                                                               \
        aw_error *error = NULL;                                                                                        \
        (out) = (void *)&error;                                                                                        \
        EXPECT(AW_ERR_INVALID_ARGUMENT, call);                                                                         \
        CHECK((out) == NULL);                                                                                          \
        CHECK(error != NULL && aw_error_field(error) != NULL && strcmp(aw_error_field(error), name) == 0);             \
        aw_error_free(error);                                                                                          \
    } while (0)

static void misuse(void) {
    struct fixture f = make();
    void *out;
    const char *text = aw_buffer_data(f.text);
    REFUSED("options", out, aw_http_client_new(NULL, 0, (aw_http_client **)&out, &error));
    REFUSED("options", out, aw_remote_keyset_new(NULL, 0, NULL, (aw_remote_keyset **)&out, &error));
    REFUSED("issuer", out, aw_remote_keyset_new("{}", 2, NULL, (aw_remote_keyset **)&out, &error));
    REFUSED("client", out,
            aw_remote_keyset_new("{\"issuer\": \"" ISSUER "\"}", AW_NUL, (const aw_http_client *)f.set,
                                 (aw_remote_keyset **)&out, &error));
    REFUSED("issuer", out, aw_verifier_discover(NULL, 0, "{}", 2, NULL, (aw_verifier **)&out, &error));
    REFUSED("policy", out, aw_verifier_discover(ISSUER, AW_NUL, NULL, 0, NULL, (aw_verifier **)&out, &error));
    REFUSED("client", out,
            aw_verifier_discover(ISSUER, AW_NUL, "{}", 2, (const aw_http_client *)f.verifier, (aw_verifier **)&out,
                                 &error));
    REFUSED("set", out, aw_verifier_new_remote(NULL, "{}", 2, (aw_verifier **)&out, &error));
    REFUSED("set", out, aw_verifier_new_remote((const aw_remote_keyset *)f.key, "{}", 2, (aw_verifier **)&out, &error));
    REFUSED(
        "issuer", out,
        aw_verifier_new_remote(f.set, "{\"issuer\": \"https://other.example\"}", AW_NUL, (aw_verifier **)&out, &error));
    REFUSED("verifier", out, aw_verifier_verify_fetching(NULL, text, AW_NUL, 1, (aw_token **)&out, &error));
    REFUSED("text", out, aw_verifier_verify_fetching(f.verifier, NULL, AW_NUL, 1, (aw_token **)&out, &error));
    REFUSED("verifier", out, aw_verifier_begin(NULL, text, AW_NUL, start, 1, (aw_operation **)&out, &error));
    REFUSED("text", out, aw_verifier_begin(f.verifier, NULL, 1, start, 1, (aw_operation **)&out, &error));
    REFUSED("verifier", out, aw_verifier_remote_keys(NULL, (aw_remote_keyset **)&out, &error));
    REFUSED("set", out, aw_remote_keyset_key_set(NULL, (aw_keyset **)&out, &error));
    REFUSED("set", out, aw_remote_keyset_export_state(NULL, f.key, (aw_buffer **)&out, &error));
    REFUSED("key", out, aw_remote_keyset_export_state(f.set, NULL, (aw_buffer **)&out, &error));
    REFUSED("set", out, aw_remote_keyset_begin_refresh(NULL, start, (aw_operation **)&out, &error));
    REFUSED("set", out, aw_remote_keyset_begin_refresh_ahead(NULL, start, (aw_operation **)&out, &error));
    REFUSED("operation", out, aw_operation_token(NULL, (aw_token **)&out, &error));
    REFUSED("operation", out, aw_operation_token((aw_operation *)f.set, (aw_token **)&out, &error));

    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_verifier_discover(ISSUER, AW_NUL, "{}", 2, NULL, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_remote_keyset_new("{}", 2, NULL, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_http_client_new("{}", 2, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_verifier_begin(f.verifier, text, AW_NUL, start, 1, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_remote_keyset_refresh(NULL, 1, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_remote_keyset_import_state(NULL, "x", 1, NULL, 0, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_remote_keyset_import_state(f.set, NULL, 1, NULL, 0, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_remote_keyset_import_state(f.set, "x", 1, NULL, 2, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_result(NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_notify(NULL, count_up, NULL, NULL));
    EXPECT(AW_ERR_UNKNOWN_OPTION,
           aw_remote_keyset_new("{\"isuer\": 1}", AW_NUL, NULL, (aw_remote_keyset **)&out, NULL));
    EXPECT(AW_ERR_URL_REFUSED,
           aw_verifier_discover("http://id.example", AW_NUL, "{}", 2, NULL, (aw_verifier **)&out, NULL));

    aw_operation *operation = begin(&f, start);
    uint64_t id = sends(operation, start, ISSUER "/.well-known/openid-configuration");
    const aw_header hole[] = {{"A", NULL}}, nameless[] = {{NULL, "b"}};
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_resume(NULL, id, start, 200, NULL, 0, NULL, 0, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_resume(operation, id, start, 99, NULL, 0, NULL, 0, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_resume(operation, id, start, 65536 + 200, NULL, 0, NULL, 0, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_resume(operation, id, start, 200, NULL, 1, NULL, 0, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_resume(operation, id, start, 200, hole, 1, NULL, 0, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_resume(operation, id, start, 200, nameless, 1, NULL, 0, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_resume(operation, id, start, 200, hole, SIZE_MAX / 8, NULL, 0, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_resume(operation, id, start, 200, NULL, 0, NULL, 5, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT,
           aw_operation_resume(operation, id, start, 200, NULL, 0, "x", SIZE_MAX / 2 + 1, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_fail(NULL, id, start, AW_FAILURE_TLS, AW_SENT_NOT, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_fail(operation, id, start, 0, AW_SENT_NOT, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_fail(operation, id, start, 7, AW_SENT_NOT, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_fail(operation, id, start, AW_FAILURE_TLS, 2, NULL, NULL));
    EXPECT(AW_ERR_INVALID_ARGUMENT, aw_operation_fail(operation, id, start, AW_FAILURE_TLS, AW_SENT_NOT, "\xff", NULL));
    /* None of them has changed anything. */
    CHECK(sends(operation, start, ISSUER "/.well-known/openid-configuration") == id);
    aw_operation_free(operation);

    /* No time at all, and more than there is. */
    MUST(aw_verifier_begin(f.verifier, text, AW_NUL, start, 0, &operation, NULL));
    CHECK(aw_operation_step(operation, start, NULL, NULL) == AW_STEP_FAILED);
    EXPECT(AW_ERR_DEADLINE, aw_operation_result(operation, NULL));
    aw_operation_free(operation);
    MUST(aw_verifier_begin(f.verifier, text, AW_NUL, UINT64_MAX, UINT64_MAX, &operation, NULL));
    CHECK(aw_operation_step(operation, UINT64_MAX, NULL, NULL) == AW_STEP_FAILED);
    aw_operation_free(operation);

    uint64_t value = 77;
    CHECK(aw_operation_step(NULL, start, &value, NULL) == AW_STEP_FAILED && value == 0);
    value = 77;
    CHECK(aw_operation_step((aw_operation *)f.key, start, NULL, &value) == AW_STEP_FAILED && value == 0);
    size_t length = 77;
    CHECK(aw_operation_request_method(NULL) == NULL && aw_operation_request_url(NULL) == NULL);
    CHECK(aw_operation_request_body(NULL, &length) == NULL && length == 0);
    CHECK(aw_operation_request_header_count(NULL) == 0 && aw_operation_request_header_name(NULL, 0) == NULL);
    CHECK(aw_operation_request_header_value(NULL, 0) == NULL && aw_operation_request_max_body_bytes(NULL) == 0);
    CHECK(aw_operation_request_deadline(NULL) == 0 && aw_operation_request_reach(NULL) == AW_REACH_PUBLIC);
    CHECK(aw_error_cause(NULL) == NULL && aw_error_http_status(NULL) == 0 && aw_error_provider_error(NULL) == NULL);
    CHECK(aw_error_provider_error_description(NULL) == NULL && aw_remote_keyset_issuer(NULL) == NULL);
    aw_operation_wait(NULL, 60 * SECOND);
    aw_http_client_close(NULL);
    aw_remote_keyset_close(NULL);
    aw_operation_free(NULL);
    aw_remote_keyset_free(NULL);
    aw_http_client_free(NULL);
    release(&f);
}

int main(void) {
    in_order();
    failing();
    cancelled();
    sets();
    events();
    misuse();
    return report("operations");
}
